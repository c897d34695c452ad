//! Web requests.

use super::net::by;
use super::operand::{Operand, Type, path, text};
use super::touch::On::Arg;
use super::touch::Touch::{Net, Write};
use super::{Entry, FETCH, Group};
use crate::ErrorKind::{
    FileNotFound, Http4xx, Http5xx, HttpConnectFailed, HttpDnsFailed, HttpRedirectRefused, HttpSsrfBlocked,
    HttpTimeout, HttpTlsFailed, IsADirectory, LimitExceeded, NotADirectory, TimeoutExceeded,
};

const STATEMENT: Entry = Entry::statement(Group::Http);
const VALUE: Entry = Entry::value(Group::Http);
const PREDICATE: Entry = Entry::predicate(Group::Http);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "download",
        operands: &[Operand::new("url", Type::Url), path("dst")],
        touches: &[Net(Arg(0)), Write(Arg(1))],
        kinds: &[
            Http4xx,
            Http5xx,
            HttpConnectFailed,
            HttpDnsFailed,
            HttpRedirectRefused,
            HttpSsrfBlocked,
            HttpTimeout,
            HttpTlsFailed,
            FileNotFound,
            IsADirectory,
            NotADirectory,
            LimitExceeded,
            TimeoutExceeded,
        ],
        summary: "Fetch a URL into a file.",
        example: "download \"https://example.org/app.zip\" app.zip",
        meaning: by("fetch_into url dst\n"),
        ..STATEMENT
    },
    Entry {
        name: "http_delete",
        operands: &[Operand::new("url", Type::Url), text("body").or("")],
        result: Some(Type::Text),
        touches: &[Net(Arg(0))],
        kinds: FETCH,
        summary: "Send DELETE, and give the answer's body.",
        example: "r = http_delete \"https://example.org/items/3\"",
        meaning: by("result = send \"DELETE\" url body\n"),
        ..VALUE
    },
    Entry {
        name: "http_get",
        operands: &[Operand::new("url", Type::Url)],
        result: Some(Type::Text),
        touches: &[Net(Arg(0))],
        kinds: FETCH,
        summary: "Fetch a URL, and give the body.",
        example: "page = http_get \"https://example.org/\"",
        meaning: by("result = send \"GET\" url \"\"\n"),
        ..VALUE
    },
    Entry {
        name: "http_post",
        operands: &[Operand::new("url", Type::Url), text("body").or("")],
        result: Some(Type::Text),
        touches: &[Net(Arg(0))],
        adds_up: true,
        kinds: FETCH,
        summary: "Send a JSON body with POST, and give the answer's body.",
        example: "r = http_post \"https://example.org/items\" \"{}\"",
        meaning: by("result = send \"POST\" url body\n"),
        ..VALUE
    },
    Entry {
        name: "http_put",
        operands: &[Operand::new("url", Type::Url), text("body").or("")],
        result: Some(Type::Text),
        touches: &[Net(Arg(0))],
        kinds: FETCH,
        summary: "Send a JSON body with PUT, and give the answer's body.",
        example: "r = http_put \"https://example.org/items/3\" \"{}\"",
        meaning: by("result = send \"PUT\" url body\n"),
        ..VALUE
    },
    Entry {
        name: "http_status",
        operands: &[Operand::new("url", Type::Url)],
        result: Some(Type::Int),
        touches: &[Net(Arg(0))],
        kinds: &[HttpRedirectRefused, HttpSsrfBlocked, TimeoutExceeded],
        summary: "Status of a HEAD request, 0 when there was no answer.",
        example: "s = http_status \"https://example.org/\"",
        meaning: by("result = status_of url\n"),
        ..PREDICATE
    },
];
