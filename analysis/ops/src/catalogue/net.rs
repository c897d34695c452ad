//! Names, ports and addresses.

use super::operand::{Operand, Type};
use super::system::says;
use super::touch::On::{Arg, Of};
use super::touch::Touch::{Clock, HostFact, Net, Random};
use super::{Entry, Group};
use crate::ErrorKind::{
    Http4xx, Http5xx, HttpConnectFailed, HttpDnsFailed, HttpRedirectRefused, HttpSsrfBlocked, HttpTimeout,
    HttpTlsFailed, IoError, TimeoutExceeded,
};

const VALUE: Entry = Entry::value(Group::Net);
const PREDICATE: Entry = Entry::predicate(Group::Net);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "dns_lookup",
        operands: &[Operand::new("host", Type::Host)],
        result: Some(Type::List),
        touches: &[Net(Arg(0))],
        kinds: &[HttpDnsFailed],
        summary: "Addresses of a host name.",
        example: "addresses = dns_lookup example.org",
        ..VALUE
    },
    Entry {
        name: "find_free_port",
        result: Some(Type::Int),
        touches: &[Net(Of("this machine")), Random],
        kinds: &[IoError],
        summary: "A TCP port that is not in use.",
        example: "port = find_free_port",
        ..VALUE
    },
    Entry {
        name: "hostname",
        result: Some(Type::Text),
        touches: &[HostFact],
        summary: "Name of this machine.",
        example: "h = hostname",
        meaning: says("result = \"${hostname}\"\n"),
        ..VALUE
    },
    Entry {
        name: "interfaces",
        result: Some(Type::List),
        touches: &[Net(Of("this machine")), HostFact],
        kinds: &[IoError],
        summary: "Names of the network interfaces that are up.",
        example: "names = interfaces",
        ..VALUE
    },
    Entry {
        name: "local_ip",
        result: Some(Type::Text),
        touches: &[Net(Of("this machine")), HostFact],
        kinds: &[IoError],
        summary: "Address of this machine in its network, empty when it has none.",
        example: "ip = local_ip",
        ..VALUE
    },
    Entry {
        name: "mac_address",
        result: Some(Type::Text),
        touches: &[Net(Of("this machine")), HostFact],
        kinds: &[IoError],
        summary: "Hardware address of the first network interface that is up.",
        example: "mac = mac_address",
        ..VALUE
    },
    Entry {
        name: "port_check",
        operands: &[Operand::new("host", Type::Host), Operand::new("port", Type::Port)],
        touches: &[Net(Arg(0))],
        summary: "True if a TCP port accepts a connection within two seconds.",
        example: "if port_check localhost 5432",
        ..PREDICATE
    },
    Entry {
        name: "port_free",
        operands: &[Operand::new("port", Type::Port)],
        touches: &[Net(Of("this machine"))],
        summary: "True if a local TCP port can be bound.",
        example: "if port_free 8080",
        ..PREDICATE
    },
    Entry {
        name: "public_ip",
        result: Some(Type::Text),
        touches: &[Net(Of("api.ipify.org"))],
        kinds: &[
            Http4xx,
            Http5xx,
            HttpConnectFailed,
            HttpDnsFailed,
            HttpRedirectRefused,
            HttpSsrfBlocked,
            HttpTimeout,
            HttpTlsFailed,
        ],
        summary: "Address of this machine as others see it.",
        example: "ip = public_ip",
        ..VALUE
    },
    Entry {
        name: "wait_for_port",
        operands: &[
            Operand::new("host", Type::Host),
            Operand::new("port", Type::Port),
            Operand::new("timeout", Type::Duration).or("30"),
        ],
        touches: &[Net(Arg(0)), Clock],
        kinds: &[TimeoutExceeded],
        summary: "Wait until a TCP port accepts a connection; false when the time is up.",
        example: "ready = wait_for_port localhost 5432 10",
        ..PREDICATE
    },
    Entry {
        name: "wait_for_url",
        operands: &[Operand::new("url", Type::Url), Operand::new("timeout", Type::Duration).or("30")],
        touches: &[Net(Arg(0)), Clock],
        kinds: &[TimeoutExceeded, HttpRedirectRefused, HttpSsrfBlocked],
        summary: "Wait until a URL answers with success; false when the time is up.",
        example: "ready = wait_for_url \"http://localhost:8080/health\" 10",
        ..PREDICATE
    },
];
