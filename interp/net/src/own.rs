//! How this machine is part of its network.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::net::if_::InterfaceFlags;
use perch_policy::{Effect, Permit};
use rustix::net::{SocketType, connect, getsockname};

use crate::Trouble;
use crate::ports::opened;

/// An address outside of every network that there is, to ask which way leads out. Nothing is sent there.
const OUT_THERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1)), 9);

fn may_know(permits: [&Permit; 2]) -> Result<(), Trouble> {
    let [network, fact] = permits.map(Permit::effect);
    if *network == Effect::Network && *fact == Effect::HostFact { Ok(()) } else { Err(Trouble::Unpermitted) }
}

fn all() -> Result<Vec<InterfaceAddress>, Trouble> {
    Ok(getifaddrs().map_err(std::io::Error::from)?.filter(|one| one.flags.contains(InterfaceFlags::IFF_UP)).collect())
}

fn is_loop(one: &InterfaceAddress) -> bool {
    one.flags.contains(InterfaceFlags::IFF_LOOPBACK)
}

fn address_v4(one: &InterfaceAddress) -> Option<Ipv4Addr> {
    one.address.as_ref()?.as_sockaddr_in().map(|address| address.ip())
}

/// Names of the interfaces that are up, in the order of the system.
///
/// # Errors
/// If the system does not say.
pub fn interfaces(permits: [&Permit; 2]) -> Result<Vec<String>, Trouble> {
    may_know(permits)?;
    let mut names: Vec<String> = Vec::new();
    for one in all()? {
        if !names.contains(&one.interface_name) {
            names.push(one.interface_name);
        }
    }
    Ok(names)
}

/// The hardware address of the first interface that is up and has one; empty if none has.
///
/// # Errors
/// If the system does not say.
pub fn hardware_address(permits: [&Permit; 2]) -> Result<String, Trouble> {
    may_know(permits)?;
    let address = |one: &InterfaceAddress| one.address.as_ref()?.as_link_addr()?.addr();
    let all = all()?;
    let found = all.iter().filter(|one| !is_loop(one)).filter_map(address).find(|bytes| *bytes != [0; 6]);
    let hex = |bytes: [u8; 6]| bytes.map(|byte| format!("{byte:02x}")).join(":");
    Ok(found.map(hex).unwrap_or_default())
}

/// The address with which this machine goes out; else that of the first interface that is up; empty if it has none but for itself.
///
/// # Errors
/// If the system does not say.
pub fn local_address(permits: [&Permit; 2]) -> Result<String, Trouble> {
    may_know(permits)?;
    if let Some(address) = outgoing() {
        return Ok(address.to_string());
    }
    let all = all()?;
    let found = all.iter().filter(|one| !is_loop(one)).find_map(address_v4);
    Ok(found.map(|address| address.to_string()).unwrap_or_default())
}

/// The address that the system would choose for what is sent out. Nothing is.
fn outgoing() -> Option<IpAddr> {
    let socket = opened(OUT_THERE, SocketType::DGRAM).ok()?;
    connect(&socket, &OUT_THERE).ok()?;
    let address = SocketAddr::try_from(getsockname(&socket).ok()?).ok()?.ip();
    (!address.is_unspecified() && !address.is_loopback()).then_some(address)
}

#[cfg(test)]
mod tests {
    use perch_policy::{Bounds, Decision, Policy};

    use super::*;

    fn permit(effect: Effect) -> Permit {
        match Policy::default().decide(&Bounds::default(), effect) {
            Decision::Allowed(permit) => permit,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_machine_knows_itself() {
        let (network, fact) = (permit(Effect::Network), permit(Effect::HostFact));
        let names = interfaces([&network, &fact]).unwrap();
        assert!(names.iter().all(|name| !name.is_empty()));
        let mac = hardware_address([&network, &fact]).unwrap();
        assert!(mac.is_empty() || mac.split(':').count() == 6, "{mac}");
        let own = local_address([&network, &fact]).unwrap();
        assert!(own.is_empty() || own.parse::<IpAddr>().is_ok_and(|address| !address.is_loopback()), "{own}");
        assert_eq!(interfaces([&fact, &network]), Err(Trouble::Unpermitted));
    }
}
