//! Names, ports and addresses.

use super::operand::{Operand, Type};
use super::system::says;
use super::touch::On::{Arg, Of};
use super::touch::Touch::{Clock, HostFact, Net, Random};
use super::{Body, Entry, Group, Meaning, THIS_MACHINE};
use crate::ErrorKind::{
    Http4xx, Http5xx, HttpConnectFailed, HttpDnsFailed, HttpRedirectRefused, HttpSsrfBlocked, HttpTimeout,
    HttpTlsFailed, IoError, LimitExceeded, ParseFailed, TimeoutExceeded,
};
use crate::Primitive;

const VALUE: Entry = Entry::value(Group::Net);
const PREDICATE: Entry = Entry::predicate(Group::Net);

/// What asks for itself.
pub(super) const fn by(program: &'static str) -> Meaning {
    Meaning::Runs(Body::Program(program, &[]))
}

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "dns_lookup",
        operands: &[Operand::new("host", Type::Host)],
        result: Some(Type::List),
        touches: &[Net(Arg(0))],
        kinds: &[HttpDnsFailed, HttpSsrfBlocked, TimeoutExceeded],
        summary: "Addresses of a host name.",
        example: "addresses = dns_lookup example.org",
        meaning: by("result = look_up host\n"),
        ..VALUE
    },
    Entry {
        name: "find_free_port",
        result: Some(Type::Int),
        touches: &[Net(Of(THIS_MACHINE)), Random],
        kinds: &[IoError],
        summary: "A TCP port that is not in use.",
        example: "port = find_free_port",
        meaning: Meaning::Runs(Body::Primitive(Primitive::FreePort)),
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
        touches: &[Net(Of(THIS_MACHINE)), HostFact],
        kinds: &[IoError],
        summary: "Names of the network interfaces that are up.",
        example: "names = interfaces",
        meaning: Meaning::Runs(Body::Primitive(Primitive::Interfaces)),
        ..VALUE
    },
    Entry {
        name: "local_ip",
        result: Some(Type::Text),
        touches: &[Net(Of(THIS_MACHINE)), HostFact],
        kinds: &[IoError],
        summary: "Address of this machine in its network, empty when it has none.",
        example: "ip = local_ip",
        meaning: Meaning::Runs(Body::Primitive(Primitive::LocalAddress)),
        ..VALUE
    },
    Entry {
        name: "mac_address",
        result: Some(Type::Text),
        touches: &[Net(Of(THIS_MACHINE)), HostFact],
        kinds: &[IoError],
        summary: "Hardware address of the first network interface that is up.",
        example: "mac = mac_address",
        meaning: Meaning::Runs(Body::Primitive(Primitive::HardwareAddress)),
        ..VALUE
    },
    Entry {
        name: "port_check",
        operands: &[Operand::new("host", Type::Host), Operand::new("port", Type::Port)],
        touches: &[Net(Arg(0))],
        kinds: &[HttpSsrfBlocked, TimeoutExceeded],
        summary: "True if a TCP port accepts a connection within two seconds.",
        example: "if port_check db.example.org 5432\n  print \"the database answers\"\nend",
        meaning: by("result = port_open host port\n"),
        ..PREDICATE
    },
    Entry {
        name: "port_free",
        operands: &[Operand::new("port", Type::Port)],
        touches: &[Net(Of(THIS_MACHINE))],
        summary: "True if a local TCP port can be bound.",
        example: "if port_free 8080\n  print \"nobody listens there\"\nend",
        meaning: by("result = may_bind port\n"),
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
            LimitExceeded,
            ParseFailed,
            TimeoutExceeded,
        ],
        summary: "Address of this machine as others see it.",
        example: "ip = public_ip",
        meaning: by("said = send \"GET\" \"https://api.ipify.org/\" \"\"\nresult = trim said\n"),
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
        kinds: &[HttpSsrfBlocked, TimeoutExceeded],
        summary: "Wait until a TCP port accepts a connection; false when the time is up.",
        example: "ready = wait_for_port db.example.org 5432 10",
        meaning: by("result = await_port host port timeout\n"),
        ..PREDICATE
    },
    Entry {
        name: "wait_for_url",
        operands: &[Operand::new("url", Type::Url), Operand::new("timeout", Type::Duration).or("30")],
        touches: &[Net(Arg(0)), Clock],
        kinds: &[TimeoutExceeded, HttpRedirectRefused, HttpSsrfBlocked],
        summary: "Wait until a URL answers with success; false when the time is up.",
        example: "ready = wait_for_url \"https://app.example.org/health\" 10",
        meaning: by("result = await_url url timeout\n"),
        ..PREDICATE
    },
];
