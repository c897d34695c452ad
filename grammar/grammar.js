/**
 * Grammar of perch files.
 *
 * A line is a list of words, and almost everything is a line. The grammar knows the block keywords,
 * because they decide what belongs together, and leaves to lowering what a line means: which words
 * are ops, how many operands they take, which settings a command has. So a mistake in a line gets a
 * sentence of its own from lowering instead of a generic syntax error from here.
 *
 * Newline is a token. Keywords are words in a special place: where a keyword cannot stand the same
 * text is a plain word (`exec echo end`).
 */

const BARE_FIRST = /[^\s"'`#$\\]/;
const BARE_REST = /[^\s"'`$\\]/;

/**
 * The inside of `${…}` in bare text may hold quoted strings, so that a call in it stays one piece. It holds
 * no `$` and no brace, so that a line of `${${${…` is not read to its end from every one of them.
 */
const HOLE_IN_BARE = /\$\{([^{}$\n"'`]|"[^"\n]*"|'[^'\n]*'|`[^`\n]*`)*\}/;

module.exports = grammar({
  name: "perch",

  extras: $ => [/[ \t\r\f\v]/, $.comment],

  word: $ => $._text_first,

  rules: {
    source_file: $ => seq(
      repeat(choice($._newline, seq($._item, $._newline))),
      optional($._item),
    ),

    _item: $ => choice($.command, $.assignment, $.setting),

    // Lines that lowering reads word by word: `version 1.2`, `description "…"`, `type int`.
    setting: $ => repeat1($.word),

    command: $ => seq(
      "command", optional(field("header", $.words)), $._newline,
      repeat(choice(
        $._newline,
        seq($.setting, $._newline),
        seq($.argument, $._newline),
        seq($.do_block, $._newline),
      )),
      $._end,
    ),

    argument: $ => seq(
      "arg", optional(field("header", $.words)), $._newline,
      repeat(choice($._newline, seq($.setting, $._newline))),
      $._end,
    ),

    do_block: $ => seq("do", optional(field("header", $.words)), $._newline, optional(field("body", $.body)), $._end),

    _end: $ => seq("end", optional(field("surplus", $.words))),

    body: $ => repeat1(choice($._newline, seq($._statement, $._newline))),

    _statement: $ => choice($.assignment, $.line, $.if, $.for_each, $.match, $.try),

    // `NAME = …`. What follows `=` is a line like any other.
    assignment: $ => seq(optional("let"), field("name", $.word), "=", optional(field("value", $.line))),

    // An op, a command call, a program, or a chain of programs.
    line: $ => seq($.clause, repeat(seq($.joint, optional($.clause)))),
    clause: $ => repeat1($.word),
    joint: _ => choice("&&", "||", ";"),

    if: $ => seq(
      "if", optional(field("condition", $.condition)), $._newline,
      optional(field("body", $.body)),
      repeat(choice($.elif, $.else)),
      $._end,
    ),
    elif: $ => seq("elif", optional(field("condition", $.condition)), $._newline, optional(field("body", $.body))),
    else: $ => seq("else", optional(field("header", $.words)), $._newline, optional(field("body", $.body))),

    // Flat: precedence is applied where the words get their meaning.
    condition: $ => repeat1(choice($.word, $.comparison, $.connective)),
    comparison: _ => choice("==", "!=", "<", "<=", ">", ">=", "eq", "neq", "lt", "le", "gt", "ge"),
    connective: _ => choice("and", "or", "not"),

    for_each: $ => seq(
      "for_each", optional(field("header", $.words)), $._newline,
      optional(field("body", $.body)),
      $._end,
    ),

    match: $ => seq(
      "match", optional(field("header", $.words)), $._newline,
      optional(field("body", $.body)),
      repeat(choice($.case, $.else)),
      $._end,
    ),
    case: $ => seq("case", optional(field("header", $.words)), $._newline, optional(field("body", $.body))),

    try: $ => seq(
      "try", optional(field("header", $.words)), $._newline,
      optional(field("body", $.body)),
      repeat(choice($.rescue, $.finally)),
      $._end,
    ),
    rescue: $ => seq("rescue", optional(field("header", $.words)), $._newline, optional(field("body", $.body))),
    finally: $ => seq("finally", optional(field("header", $.words)), $._newline, optional(field("body", $.body))),

    words: $ => repeat1($.word),

    // Pieces without white space between them.
    word: $ => seq($._piece, repeat($._next_piece)),

    _piece: $ => choice(
      alias($._text_first, $.text),
      alias("$", $.text),
      alias("\\", $.text),
      alias("\\${", $.escape),
      alias(HOLE_IN_BARE, $.hole),
      alias("${", $.open_hole),
      alias($._double, $.double),
      alias($._single, $.single),
      alias($._backtick, $.backtick),
    ),

    _next_piece: $ => choice(
      alias($._text_next, $.text),
      alias(token.immediate("$"), $.text),
      alias(token.immediate("\\"), $.text),
      alias(token.immediate("\\${"), $.escape),
      alias(token.immediate(HOLE_IN_BARE), $.hole),
      alias(token.immediate("${"), $.open_hole),
      alias($._next_double, $.double),
      alias($._next_single, $.single),
      alias($._next_backtick, $.backtick),
    ),

    _text_first: _ => token(seq(BARE_FIRST, repeat(BARE_REST))),
    // Goes before `comment`: a `#` glued to a word is part of it.
    _text_next: _ => token.immediate(prec(1, repeat1(BARE_REST))),

    _double: $ => seq('"', $._double_rest),
    _next_double: $ => seq(token.immediate('"'), $._double_rest),
    _double_rest: $ => seq(
      repeat(choice(
        alias(token.immediate(prec(1, /[^"\\$]+/)), $.text),
        alias(token.immediate("$"), $.text),
        alias(token.immediate(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|\r\n|[^xu]|x|u)/), $.escape),
        alias(token.immediate(/\$\{[^{}$"\n]*\}/), $.hole),
        alias(token.immediate("${"), $.open_hole),
      )),
      token.immediate('"'),
    ),

    _single: $ => seq("'", $._single_rest),
    _next_single: $ => seq(token.immediate("'"), $._single_rest),
    _single_rest: $ => seq(
      repeat(choice(
        alias(token.immediate(prec(1, /[^'\\$]+/)), $.text),
        alias(token.immediate("$"), $.text),
        alias(token.immediate("\\"), $.text),
        alias(token.immediate("\\${"), $.escape),
        alias(token.immediate(/\$\{[^{}$'\n]*\}/), $.hole),
        alias(token.immediate("${"), $.open_hole),
      )),
      token.immediate("'"),
    ),

    _backtick: $ => seq("`", $._backtick_rest),
    _next_backtick: $ => seq(token.immediate("`"), $._backtick_rest),
    _backtick_rest: $ => seq(
      repeat(choice(
        alias(token.immediate(prec(1, /[^`\\$]+/)), $.text),
        alias(token.immediate("$"), $.text),
        alias(token.immediate("\\"), $.text),
        alias(token.immediate("\\${"), $.escape),
        alias(token.immediate(/\$\{[^{}$`\n]*\}/), $.hole),
        alias(token.immediate("${"), $.open_hole),
      )),
      token.immediate("`"),
    ),

    comment: _ => token(/#[^\n]*/),
    _newline: _ => token("\n"),
  },
});
