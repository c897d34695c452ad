/**
 * Grammar of perch files.
 *
 * A line is a list of words, and almost everything is a line. The grammar knows the keywords that open blocks,
 * because they decide what belongs together, and leaves to lowering what a line means: which words
 * are ops, how many operands they take, which settings a command has. So a mistake in a line gets a
 * sentence of its own from lowering instead of a generic syntax error from here.
 *
 * Newline is a token, and there is no external scanner. Keywords are words in a special place: where a
 * keyword cannot stand the same text is a plain word (`exec echo end`). Words that begin a top-level block
 * of commands are reserved at the start of every line, so that a block that is never closed does not
 * swallow the commands behind it.
 */

const BARE_FIRST = /[^\s"'`#$\\]/;
const BARE_REST = /[^\s"'`$\\]/;

/** Blocks of statements that are a keyword, some words, and a body. */
const PLAIN_BLOCKS = [
  "parallel", "timeout", "retry", "with_env", "with_cwd", "sandbox", "cache", "os", "arch", "wasm_run",
];

/** Keywords that begin a statement and may also be names: `os = 1`. */
const STATEMENT_KEYWORDS = ["if", "for_each", "match", "try", "pipe", ...PLAIN_BLOCKS];

/** Keywords that begin a top-level item and may also be names. */
const FILE_KEYWORDS = ["command", "template", "catch", "import", "bundle", "requires", "sandbox", "hooks"];

/**
 * The pieces of bare text. `next`: the token continues a word, so nothing stands between it and what is before.
 *
 * A closed hole without a call is one token, whatever stands in it, so that lowering can say what is wrong there. It
 * may hold quoted strings, but no `$` and no brace: a line of `${${${…` is not read to its end from every one of them.
 */
const bare_pieces = ($, text, next) => {
  const at = next ? token.immediate : token;
  return choice(
    alias(text, $.text),
    alias(at("$"), $.text),
    alias(at("\\"), $.text),
    alias(at("\\${"), $.escape),
    alias(at(/\$\{([^{}$\n"'`(]|"[^"\n]*"|'[^'\n]*'|`[^`\n]*`)*\}/), $.hole),
    alias(next ? $._next_call_in_bare : $._call_in_bare, $.call),
    alias(at("${"), $.open_hole),
    alias(next ? $._next_double : $._double, $.double),
    alias(next ? $._next_single : $._single, $.single),
    alias(next ? $._next_backtick : $._backtick, $.backtick),
  );
};

/** The pieces of a quoted text up to its closing quote. */
const quoted_rest = ($, quote, escapes, call) => seq(
  repeat(choice(
    alias(token.immediate(prec(1, new RegExp(`[^${quote}\\\\$]+`))), $.text),
    alias(token.immediate("$"), $.text),
    ...escapes,
    alias(token.immediate(new RegExp(`\\$\\{[^{}$${quote}\\n(]*\\}`)), $.hole),
    alias(call, $.call),
    alias(token.immediate("${"), $.open_hole),
  )),
  token.immediate(quote),
);

const cooked = $ => [
  alias(token.immediate(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|\r\n|[^xu]|x|u)/), $.escape),
];

const raw = $ => [
  alias(token.immediate("\\"), $.text),
  alias(token.immediate("\\${"), $.escape),
];

/**
 * `${op(argument, …)}`. Arguments are names, calls, and texts in quotes of another kind than those around the
 * whole. Commas are read as they come: lowering says where one is missing.
 */
const call_rest = ($, outer) => seq(
  repeat(choice(
    alias($._argument_name, $.name),
    ",",
    ...["double", "single", "backtick"]
      .filter(kind => kind !== outer)
      .map(kind => alias($[`_${kind}_in_${outer}`], $[kind])),
    alias($[`_inner_call_in_${outer}`], $.call),
  )),
  ")",
);

/** A text among the arguments of a call, on one line, in quotes of the kind `own`, inside those of the kind `outer`. */
const argument_text = (own, outer = "") => $ => seq(
  own,
  repeat(choice(
    alias(token.immediate(prec(1, new RegExp(`[^${own}${outer}\\\\$\\n]+`))), $.text),
    alias(token.immediate("$"), $.text),
    ...(own === '"'
      ? [alias(token.immediate(new RegExp(`\\\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^xu\\n${outer}]|x|u)`)), $.escape)]
      : raw($)),
    alias(token.immediate(new RegExp(`\\$\\{[^{}$\\n${own}${outer}]*\\}`)), $.hole),
    alias(token.immediate("${"), $.open_hole),
  )),
  token.immediate(own),
);

/** `KEYWORD words… body end`. */
const block = ($, keyword) => seq(
  keyword, optional(field("header", $.words)), $._newline,
  optional(field("body", $.body)),
  $._end,
);

/** A later part of a block. */
const arm = ($, keyword) => seq(
  keyword, optional(field("header", $.words)), $._newline,
  optional(field("body", $.body)),
);

/** `KEYWORD words…`, configuration, arguments and a `do` block, `end`. */
const callable = ($, keyword) => seq(
  keyword, optional(field("header", $.words)), $._newline,
  repeat(choice(
    $._newline,
    seq($.setting, $._newline),
    seq($.argument, $._newline),
    seq($.do_block, $._newline),
  )),
  $._end,
);

/** `KEYWORD words…`, lines, `end`. */
const section = ($, keyword) => seq(
  keyword, optional(field("header", $.words)), $._newline,
  repeat(choice($._newline, seq($.setting, $._newline))),
  $._end,
);

module.exports = grammar({
  name: "perch",

  extras: $ => [/[ \t\r\f\v]/, $.comment],

  word: $ => $._text_first,

  reserved: {
    nothing: _ => [],
    line_start: _ => ["command", "template", "catch"],
  },

  rules: {
    source_file: $ => seq(
      repeat(choice($._newline, seq($._item, $._newline))),
      optional($._item),
    ),

    _item: $ => choice(
      $.command, $.template, $.catch,
      $.import, $.bundle, $.requires, $.file_sandbox, $.hooks,
      alias($._shared, $.assignment),
      $.setting,
    ),

    // Lines that lowering reads word by word: `version 1.2`, `description "…"`, `type int`, `host "*.x"`.
    setting: $ => seq(alias($._leading_word, $.word), repeat($.word)),

    // `NAME = …` at the top level.
    _shared: $ => seq(
      choice(
        seq("let", field("name", $.word)),
        field("name", alias($._leading_word, $.word)),
        field("name", alias($._file_keyword, $.word)),
      ),
      "=",
      optional(field("value", choice($.line, $.pipe))),
    ),
    _file_keyword: $ => alias(choice(...FILE_KEYWORDS), $.text),

    import: $ => seq("import", optional(field("header", $.words))),

    bundle: $ => section($, "bundle"),
    file_sandbox: $ => section($, "sandbox"),
    hooks: $ => section($, "hooks"),

    requires: $ => seq(
      "requires", optional(field("header", $.words)), $._newline,
      repeat(choice($._newline, seq($.setting, $._newline), $.bin)),
      $._end,
    ),
    // Its own line ends belong to it: only what stands below them tells whether it goes on.
    bin: $ => prec.right(seq(
      "bin", optional(field("header", $.words)), repeat1($._newline),
      optional(seq(field("pins", $.pins), $._newline)),
    )),
    pins: $ => seq(
      repeat1(seq(alias($._pin, $.setting), repeat1($._newline))),
      $._end,
    ),
    _pin: $ => seq(alias($._pin_keyword, $.word), repeat($.word)),
    _pin_keyword: $ => alias(choice("hash", "hash_file"), $.text),

    command: $ => callable($, "command"),
    template: $ => callable($, "template"),
    catch: $ => callable($, "catch"),

    argument: $ => choice(
      seq(
        "arg", optional(field("header", $.words)), $._newline,
        repeat(choice($._newline, seq($.setting, $._newline))),
        $._end,
      ),
      // On one line: `arg x type string end`.
      seq("arg", field("inline", $.words), "end"),
    ),

    do_block: $ => seq("do", optional(field("header", $.words)), $._newline, optional(field("body", $.body)), $._end),

    _end: $ => seq("end", optional(field("surplus", $.words))),

    body: $ => repeat1(choice(
      $._newline,
      seq($._statement, $._newline),
      alias($._open_assignment, $.assignment),
    )),

    _statement: $ => choice(
      $.assignment, $.line,
      $.if, $.for_each, $.match, $.try, $.pipe,
      ...PLAIN_BLOCKS.map(keyword => $[keyword]),
    ),

    // `NAME = …`. What follows `=` is a line like any other, or a `pipe` block, which may also begin on the next line.
    assignment: $ => choice(
      seq($._target, "=", field("value", choice($.line, $.pipe))),
      seq($._target, "=", repeat1($._newline), field("value", $.pipe)),
    ),
    // Nothing follows. Its own line ends belong to it, as in `bin`.
    _open_assignment: $ => prec.right(seq($._target, "=", repeat1($._newline))),
    _target: $ => choice(
      seq("let", field("name", $.word)),
      field("name", alias($._leading_word, $.word)),
      field("name", alias($._statement_keyword, $.word)),
    ),
    _statement_keyword: $ => alias(choice(...STATEMENT_KEYWORDS), $.text),

    // An op, a command call, a program, or programs in a chain or pipeline. Flat: precedence is applied where
    // the words get their meaning.
    line: $ => seq($.clause, repeat(seq($.joint, optional($.clause)))),
    clause: $ => choice(
      seq(alias($._leading_word, $.word), repeat($.word)),
      seq(repeat1($.variable), repeat($.word)),
    ),
    joint: _ => choice("&&", "||", ";", "|"),

    // `NAME=value` before a program. Otherwise it is like a word.
    variable: $ => seq(alias($._variable_start, $.text), repeat($._next_piece)),
    _variable_start: _ => token(prec(1, seq(/[A-Za-z_][A-Za-z0-9_]*=/, repeat(BARE_REST)))),

    if: $ => seq(
      "if", optional(field("condition", $.condition)), $._newline,
      optional(field("body", $.body)),
      repeat(choice($.elif, $.else)),
      $._end,
    ),
    elif: $ => seq("elif", optional(field("condition", $.condition)), $._newline, optional(field("body", $.body))),
    else: $ => arm($, "else"),

    // Flat, like `line`.
    condition: $ => repeat1(choice($.word, $.comparison, $.connective, $.joint)),
    comparison: _ => choice("==", "!=", "<", "<=", ">", ">=", "eq", "neq", "lt", "le", "gt", "ge"),
    connective: _ => choice("and", "or", "not"),

    for_each: $ => block($, "for_each"),

    match: $ => seq(
      "match", optional(field("header", $.words)), $._newline,
      optional(field("body", $.body)),
      repeat(choice($.case, $.else)),
      $._end,
    ),
    case: $ => arm($, "case"),

    try: $ => seq(
      "try", optional(field("header", $.words)), $._newline,
      optional(field("body", $.body)),
      repeat(choice($.rescue, $.finally)),
      $._end,
    ),
    rescue: $ => arm($, "rescue"),
    finally: $ => arm($, "finally"),

    pipe: $ => block($, "pipe"),
    ...Object.fromEntries(PLAIN_BLOCKS.map(keyword => [keyword, $ => block($, keyword)])),

    words: $ => repeat1($.word),

    // Pieces without white space between them.
    word: $ => seq($._piece, repeat($._next_piece)),
    // The first of a line.
    _leading_word: $ => seq($._leading_piece, repeat($._next_piece)),

    _piece: $ => bare_pieces($, $._text_first, false),
    _leading_piece: $ => bare_pieces($, reserved("line_start", $._text_first), false),
    _next_piece: $ => bare_pieces($, $._text_next, true),

    _text_first: _ => token(seq(BARE_FIRST, repeat(BARE_REST))),
    // Goes before `comment`: a `#` glued to a word is part of it.
    _text_next: _ => token.immediate(prec(1, repeat1(BARE_REST))),

    _double: $ => seq('"', $._double_rest),
    _next_double: $ => seq(token.immediate('"'), $._double_rest),
    _double_rest: $ => quoted_rest($, '"', cooked($), $._call_in_double),

    _single: $ => seq("'", $._single_rest),
    _next_single: $ => seq(token.immediate("'"), $._single_rest),
    _single_rest: $ => quoted_rest($, "'", raw($), $._call_in_single),

    _backtick: $ => seq("`", $._backtick_rest),
    _next_backtick: $ => seq(token.immediate("`"), $._backtick_rest),
    _backtick_rest: $ => quoted_rest($, "`", raw($), $._call_in_backtick),

    _call_in_bare: $ => seq(alias($._callee, $.callee), $._call_rest_in_bare, "}"),
    _next_call_in_bare: $ => seq(alias($._next_callee, $.callee), $._call_rest_in_bare, "}"),
    _call_in_double: $ => seq(alias($._next_callee, $.callee), $._call_rest_in_double, "}"),
    _call_in_single: $ => seq(alias($._next_callee, $.callee), $._call_rest_in_single, "}"),
    _call_in_backtick: $ => seq(alias($._next_callee, $.callee), $._call_rest_in_backtick, "}"),

    _inner_call_in_bare: $ => seq(alias($._inner_callee, $.callee), $._call_rest_in_bare),
    _inner_call_in_double: $ => seq(alias($._inner_callee, $.callee), $._call_rest_in_double),
    _inner_call_in_single: $ => seq(alias($._inner_callee, $.callee), $._call_rest_in_single),
    _inner_call_in_backtick: $ => seq(alias($._inner_callee, $.callee), $._call_rest_in_backtick),

    _call_rest_in_bare: $ => call_rest($, "bare"),
    _call_rest_in_double: $ => call_rest($, "double"),
    _call_rest_in_single: $ => call_rest($, "single"),
    _call_rest_in_backtick: $ => call_rest($, "backtick"),

    _double_in_bare: argument_text('"'),
    _single_in_bare: argument_text("'"),
    _backtick_in_bare: argument_text("`"),
    _single_in_double: argument_text("'", '"'),
    _backtick_in_double: argument_text("`", '"'),
    _double_in_single: argument_text('"', "'"),
    _backtick_in_single: argument_text("`", "'"),
    _double_in_backtick: argument_text('"', "`"),
    _single_in_backtick: argument_text("'", "`"),

    _callee: _ => /\$\{[^{}$\n"'`()]*\(/,
    _next_callee: _ => token.immediate(/\$\{[^{}$\n"'`()]*\(/),
    _inner_callee: _ => /[^\s"'`,(){}$\\]+\(/,
    _argument_name: _ => /[^\s"'`,(){}$\\]+/,

    comment: _ => token(/#[^\n]*/),
    _newline: _ => token("\n"),
  },
});
