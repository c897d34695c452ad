//! The layout, rule by rule: what is written, and what becomes of it.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use perch_format::format;

/// The text in the layout, which must be a layout that stays.
#[track_caller]
fn laid_out(text: &str) -> String {
    let once = format(text).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    assert_eq!(format(&once).as_ref(), Ok(&once), "not the same the second time");
    once
}

/// A command of these statements, which stand on lines of their own at the left.
fn command(body: &str) -> String {
    format!("command main\ndo\n{body}end\nend\n")
}

/// The statements of `main` in the layout, without what all of them are indented.
#[track_caller]
fn body(body: &str) -> String {
    let laid_out = laid_out(&command(body));
    let inside = laid_out.strip_prefix("command main\n  do\n").and_then(|rest| rest.strip_suffix("  end\nend\n"));
    inside.unwrap().lines().map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line))).collect()
}

#[test]
fn a_block_is_indented_by_two_blanks() {
    assert_eq!(
        laid_out(
            "command a\narg b\ntype int\nend\n\tdo\nif x\n\t\tprint 1\nelif y\nprint 2\nelse\nprint 3\nend\nend\nend"
        ),
        "command a\n  arg b\n    type int\n  end\n  do\n    if x\n      print 1\n    elif y\n      print 2\n    else\n      print 3\n    end\n  end\nend\n"
    );
    assert_eq!(
        body("match x\ncase a\nprint a\nelse\nprint b\nend\n"),
        "match x\n  case a\n    print a\n  else\n    print b\nend\n"
    );
    assert_eq!(body("try\nf\nrescue e\ng\nfinally\nh\nend\n"), "try\n  f\nrescue e\n  g\nfinally\n  h\nend\n");
    assert_eq!(body("x =\npipe\ngit log\nend\n"), "x =\n  pipe\n    git log\n  end\n");
    assert_eq!(
        laid_out("requires\nbin a\nhash_file b\nend\nread c\nend"),
        "requires\n  bin a\n    hash_file b\n  end\n  read c\nend\n"
    );
}

#[test]
fn words_have_one_blank_between_them() {
    assert_eq!(body("  cp \t  a   b\n"), "cp a b\n");
    assert_eq!(body("x   =  read_file   p\n"), "x = read_file p\n");
    assert_eq!(body("if  not   a  ==  b   and c\nend\n"), "if not a == b and c\nend\n");
    assert_eq!(body("A=1   go   build  &&  make |  wc\n"), "A=1 go build && make | wc\n");
}

#[test]
fn words_stay_as_they_are_written() {
    for line in
        ["print \"a  b\"  ", "print 'a  b'\"c\td\"`e  f`", "print ${ a }", "print \"${ f('a  b',  c) }\"", "print a#b"]
    {
        assert_eq!(body(&format!("{line}\n")), format!("{}\n", line.trim_end()));
    }
}

#[test]
fn texts_of_several_lines_keep_every_line() {
    let text = "command main\n      do\n  x   =  \"a\n     b  \n\n\n\tc\"   # d\n  end\nend\n";
    assert_eq!(laid_out(text), "command main\n  do\n    x = \"a\n     b  \n\n\n\tc\"  # d\n  end\nend\n");
}

#[test]
fn what_is_not_needed_stays_except_let() {
    assert_eq!(laid_out("arg = \"x\"\nname 'y'\n"), "arg = \"x\"\nname 'y'\n");
    assert_eq!(
        laid_out("command a\narg b  type string  end\ndo\nend\nend\n"),
        "command a\n  arg b type string end\n  do\n  end\nend\n"
    );
}

#[test]
fn o_010_let_is_left_out() {
    assert_eq!(laid_out("let a = 1\nlet  b = 2 # c\n"), "a = 1\nb = 2  # c\n");
    assert_eq!(
        body("let x = read_file p\nlet y =\npipe\ngit log\nend\n"),
        "x = read_file p\ny =\n  pipe\n    git log\n  end\n"
    );
}

/// `end = 1` would close a block.
#[test]
fn o_010_let_stays_where_the_name_means_something_else_without_it() {
    for name in ["end", "else", "case", "rescue", "do", "let", "command"] {
        let line = format!("let {name} = 1\n");
        assert_eq!(body(&line), line);
        assert_eq!(laid_out(&line), line);
    }
    for name in ["if", "os", "pipe", "arg", "hash", "print", "import", "version"] {
        let (long, short) = (format!("let {name} = 1\n"), format!("{name} = 1\n"));
        assert_eq!(body(&long), short);
        assert_eq!(laid_out(&long), short);
    }
    let line = "let \"x\" = 1\n";
    assert_eq!(body(line), line);
}

#[test]
fn a_blank_line_separates_what_has_more_than_one_line() {
    assert_eq!(
        laid_out(
            "\n\nname a\nversion 1\nx = 1\n# b\ncommand b\ndo\nend\nend\n# c\n\n\n\ny = 2\nrequires\nend\nimport d"
        ),
        "name a\nversion 1\nx = 1\n\n# b\ncommand b\n  do\n  end\nend\n\n# c\n\ny = 2\n\nrequires\nend\n\nimport d\n"
    );
}

#[test]
fn groups_of_lines_stay_groups() {
    let text = "name a\nabout b\n\nimport c\nimport d\n\nx = 1\ny = 2\n";
    assert_eq!(laid_out(text), text);
    assert_eq!(body("a\nb\n\n\n\nc\n# d\n\ne\n"), "a\nb\n\nc\n# d\n\ne\n");
}

#[test]
fn a_block_neither_starts_nor_ends_with_a_blank_line() {
    assert_eq!(
        laid_out("command a\n\ndo\n\n# b\n\nif x\n\nprint y\n\nelse\n\nprint z\n\nend\n\nend\n\nend\n\n"),
        "command a\n  do\n    # b\n\n    if x\n      print y\n    else\n      print z\n    end\n  end\nend\n"
    );
}

#[test]
fn a_comment_stands_as_deep_as_what_follows() {
    assert_eq!(
        laid_out("# a\ncommand b\n# c\narg d\n# e\ntype int\nend\n  # f\ndo\n# g\nprint h\nend\nend\n# i"),
        "# a\ncommand b\n  # c\n  arg d\n    # e\n    type int\n  end\n  # f\n  do\n    # g\n    print h\n  end\nend\n\n# i\n"
    );
}

#[test]
fn a_comment_before_an_end_belongs_to_the_block_unless_it_was_written_outside() {
    let text = "if a\n  print b\n  # inside\nelse\n  print c\n# outside\nend\n";
    assert_eq!(body(&text.replace('\n', "\n    ").replace("\n    if", "\nif")), text);
    assert_eq!(body("if a\nprint b\n# somewhere\nend\n"), "if a\n  print b\n  # somewhere\nend\n");
    assert_eq!(laid_out("command a\n  do\n# b\n  end\nend"), "command a\n  do\n    # b\n  end\nend\n");
}

#[test]
fn comments_behind_code_stay_in_line_if_they_were() {
    assert_eq!(laid_out("a = 1 # b\n"), "a = 1  # b\n");
    assert_eq!(laid_out("a = 1      # x\nlong = 22  # y\n"), "a = 1      # x\nlong = 22  # y\n");
    assert_eq!(
        laid_out("a = 1          # x\nlong = 22      # y\nc = 3 # z\n"),
        "a = 1      # x\nlong = 22  # y\nc = 3  # z\n"
    );
    assert_eq!(laid_out("a = 1      # x\n\nlong = 22  # y\n"), "a = 1  # x\n\nlong = 22  # y\n");
    assert_eq!(laid_out("é = 1      # x\nlong = 22  # y\n"), "é = 1      # x\nlong = 22  # y\n");
}

#[test]
fn comments_keep_their_text() {
    assert_eq!(laid_out("#!/usr/bin/env perch\n#  a   b\t \n#c\n"), "#!/usr/bin/env perch\n#  a   b\n#c\n");
}

#[test]
fn lines_end_as_on_unix_and_the_file_with_one() {
    assert_eq!(laid_out("a = \"x\r\ny\"\r\n# b\r\n\r\n"), "a = \"x\ny\"\n# b\n");
    assert_eq!(laid_out("a = 1"), "a = 1\n");
    assert_eq!(laid_out("\u{feff}a = 1\n\n\n"), "a = 1\n");
    assert_eq!(laid_out(""), "");
    assert_eq!(laid_out("\n\t\n \x0c\n"), "");
}

#[test]
fn a_file_that_cannot_be_read_is_refused_with_what_is_wrong() {
    let codes = |text: &str| format(text).unwrap_err().iter().map(|mistake| mistake.code.name()).collect::<Vec<_>>();
    assert_eq!(codes("command a\n  do\n"), ["unclosed-block"]);
    assert_eq!(codes("a = 1\nend\n"), ["stray-end"]);
    assert_eq!(codes("a = \"b\n"), ["unterminated-string"]);
    assert_eq!(codes("command a\n  do\n    x =\"y\"\n  end\nend\n"), ["syntax-error"]);
}

/// Such a file can be laid out, and it helps to find the mistake.
#[test]
fn other_mistakes_are_no_obstacle() {
    assert_eq!(body("cp a\nunknwon  b\n"), "cp a\nunknwon b\n");
}
