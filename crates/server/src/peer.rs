//! Where a request comes from.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;

/// Set by proxies, each of which adds the address that it was asked from.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// The address that a request comes from, as far as it can be believed; `None` for a program on this machine. Whatever is said by
/// somebody who is not trusted is not believed, so what counts is the last address that a trusted proxy was asked from.
pub(crate) fn outside_address(Peer(peer): Peer, headers: &HeaderMap, trusted: &[IpAddr]) -> Option<IpAddr> {
    let is_trusted = |address: &IpAddr| address.is_loopback() || trusted.contains(address);
    let peer = peer.ip().to_canonical();
    let said = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
    let mut asked_from: Vec<&str> = said.flat_map(|list| list.split(',')).map(str::trim).collect();
    let mut address = peer;
    while is_trusted(&address) {
        let Some(before) = asked_from.pop() else { break };
        match before.parse::<IpAddr>() {
            Ok(before) => address = before.to_canonical(),
            // Nobody knows who asked the proxy, but somebody did.
            Err(_) => return Some(address),
        }
    }
    let alone = !headers.contains_key(FORWARDED_FOR) && !headers.contains_key("forwarded");
    (!(alone && address.is_loopback())).then_some(address)
}

/// What one household has: an IPv4 address, or the first 64 bits of an IPv6 address.
pub(crate) fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(long) => {
            let [a, b, c, d, ..] = long.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(peer: &str, forwarded_for: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in forwarded_for {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        let trusted = ["192.0.2.1".parse().unwrap()];
        outside_address(Peer(SocketAddr::new(peer.parse().unwrap(), 4711)), &headers, &trusted).map(|address| address.to_string())
    }

    #[test]
    fn only_proxies_that_are_trusted_are_believed() {
        let text = |address: &str| Some(address.to_owned());
        assert_eq!(from("127.0.0.1", &[]), None);
        assert_eq!(from("::ffff:127.0.0.1", &[]), None);
        assert_eq!(from("198.51.100.7", &[]), text("198.51.100.7"));
        assert_eq!(from("198.51.100.7", &["203.0.113.5"]), text("198.51.100.7"), "it could say anything");
        assert_eq!(from("127.0.0.1", &["203.0.113.5"]), text("203.0.113.5"));
        assert_eq!(from("192.0.2.1", &["10.0.0.1, 203.0.113.5", "127.0.0.1"]), text("203.0.113.5"), "the last one that is not ours");
        assert_eq!(from("127.0.0.1", &["unknown"]), text("127.0.0.1"), "somebody, but not a program here");
        assert_eq!(from("127.0.0.1", &["127.0.0.1"]), text("127.0.0.1"));
    }

    #[test]
    fn a_household_has_one_network() {
        let of = |address: &str| household(address.parse().unwrap()).to_string();
        assert_eq!(of("198.51.100.7"), "198.51.100.7");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    }
}
