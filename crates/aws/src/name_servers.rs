//! What the servers above a domain say of it. They are asked themselves: whoever remembers answers may remember an old one,
//! or that there was none.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime};

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, Question, RCODE, ResourceRecord, TYPE};
use tokio::net::{UdpSocket, lookup_host};
use tokio::time::timeout;

/// How long one server has to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many servers of a zone are asked before it counts as unreachable.
const SERVERS: usize = 3;

/// No domain is this deep below the root.
const STEPS: usize = 16;

const PORT: u16 = 53;

/// Some of the servers of the root (IANA, "Root Servers").
const ROOT: [Ipv4Addr; SERVERS] =
    [Ipv4Addr::new(198, 41, 0, 4), Ipv4Addr::new(193, 0, 14, 129), Ipv4Addr::new(202, 12, 27, 33)];

/// What one server says of a domain.
#[derive(Debug, Default, PartialEq, Eq)]
struct Answer {
    /// The servers of the domain.
    servers: BTreeSet<String>,
    /// Who is nearer to it: a zone above it, with its servers.
    nearer: Option<(String, BTreeSet<String>)>,
    /// Addresses of those that the answer names.
    addresses: Vec<SocketAddr>,
}

/// The servers that a zone names for a domain below it; nothing if none of the zone's own servers answers.
pub(crate) async fn named_by(servers: &BTreeSet<String>, domain: &str) -> Option<BTreeSet<String>> {
    Some(first(&addresses(servers).await, domain).await?.servers)
}

/// The zone above a domain, wherever it is, and the servers that it names for the domain; nothing if the way from the root
/// to it cannot be followed.
pub(crate) async fn named_above(domain: &str) -> Option<(String, BTreeSet<String>)> {
    let mut servers: Vec<SocketAddr> = ROOT.map(|server| SocketAddr::new(IpAddr::V4(server), PORT)).to_vec();
    let mut zone = String::new();
    for _ in 0..STEPS {
        let answer = first(&servers, domain).await?;
        match answer.nearer {
            Some((nearer, names)) if answer.servers.is_empty() && nearer.len() > zone.len() => {
                servers = if answer.addresses.is_empty() { addresses(&names).await } else { answer.addresses };
                zone = nearer;
            }
            _ => return Some((zone, answer.servers)),
        }
    }
    None
}

/// The first answer of some servers.
async fn first(servers: &[SocketAddr], domain: &str) -> Option<Answer> {
    for server in servers.iter().take(SERVERS) {
        if let Ok(Some(answer)) = timeout(PATIENCE, ask(*server, domain)).await {
            return Some(answer);
        }
    }
    None
}

async fn addresses(servers: &BTreeSet<String>) -> Vec<SocketAddr> {
    let mut all = Vec::new();
    for server in servers.iter().take(SERVERS) {
        if let Ok(Ok(found)) = timeout(PATIENCE, lookup_host((server.as_str(), PORT))).await {
            all.extend(found.filter(SocketAddr::is_ipv4).take(1));
        }
    }
    all
}

/// Asks one server; nothing if it refuses, or answers something else.
async fn ask(server: SocketAddr, domain: &str) -> Option<Answer> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await.ok()?;
    socket.connect(server).await.ok()?;
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let id = u16::try_from(since.as_micros() % u128::from(u16::MAX)).unwrap_or_default();
    let mut query = Packet::new_query(id);
    query.questions.push(Question::new(Name::new(domain).ok()?, TYPE::NS.into(), CLASS::IN.into(), false));
    socket.send(&query.build_bytes_vec().ok()?).await.ok()?;
    let mut buffer = vec![0; 4096];
    loop {
        let length = socket.recv(&mut buffer).await.ok()?;
        let Ok(answer) = Packet::parse(&buffer[..length]) else { continue };
        if answer.id() == id {
            return read(&answer, domain);
        }
    }
}

/// A referral has its servers in the authority section, an answer in its own.
fn read(answer: &Packet<'_>, domain: &str) -> Option<Answer> {
    if !matches!(answer.rcode(), RCODE::NoError | RCODE::NameError) {
        return None;
    }
    let mut said = Answer::default();
    for record in answer.answers.iter().chain(&answer.name_servers) {
        let RData::NS(server) = &record.rdata else { continue };
        let (owner, server) = (normal(&record.name), normal(&server.0));
        if owner == domain {
            said.servers.insert(server);
        } else if domain.ends_with(&format!(".{owner}")) {
            said.nearer.get_or_insert_with(|| (owner, BTreeSet::new())).1.insert(server);
        }
    }
    said.addresses = answer.additional_records.iter().filter_map(address).collect();
    Some(said)
}

fn address(record: &ResourceRecord<'_>) -> Option<SocketAddr> {
    match &record.rdata {
        RData::A(a) => Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::from(a.address)), PORT)),
        _ => None,
    }
}

fn normal(name: &Name<'_>) -> String {
    name.to_string().trim_end_matches('.').to_lowercase()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]
    use simple_dns::rdata::{A, NS, SOA};

    use super::*;

    const DOMAIN: &str = "dev.verb.example";

    fn record(name: &'static str, data: RData<'static>) -> ResourceRecord<'static> {
        ResourceRecord::new(Name::new_unchecked(name), CLASS::IN, 60, data)
    }

    fn named(owner: &'static str, server: &'static str) -> ResourceRecord<'static> {
        record(owner, RData::NS(NS(Name::new_unchecked(server))))
    }

    /// A server that answers one question.
    async fn server(answer: impl FnOnce(&mut Packet<'static>) + Send + 'static) -> SocketAddr {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut buffer = vec![0; 512];
            let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
            let query = Packet::parse(&buffer[..length]).unwrap();
            assert_eq!(query.questions[0].qname.to_string(), DOMAIN);
            let mut reply = Packet::new_reply(query.id());
            answer(&mut reply);
            // Somebody else's answer comes first.
            let other = Packet::new_reply(query.id().wrapping_add(1)).build_bytes_vec().unwrap();
            socket.send_to(&other, from).await.unwrap();
            socket.send_to(&reply.build_bytes_vec_compressed().unwrap(), from).await.unwrap();
        });
        address
    }

    #[tokio::test]
    async fn a_delegation_is_read_from_a_referral() {
        let asked = server(|reply| {
            reply
                .name_servers
                .extend([named("Dev.verb.example", "NS-1.aws.example"), named(DOMAIN, "ns-2.aws.example")]);
        });
        let answer = ask(asked.await, DOMAIN).await.unwrap();
        assert_eq!(answer.servers, BTreeSet::from(["ns-1.aws.example".into(), "ns-2.aws.example".into()]));
    }

    #[tokio::test]
    async fn a_server_further_up_names_one_that_is_nearer() {
        let asked = server(|reply| {
            reply.name_servers.push(named("verb.example", "ns.verb.example"));
            reply.additional_records.push(record("ns.verb.example", RData::A(A { address: 0xC000_0201 })));
        });
        let answer = ask(asked.await, DOMAIN).await.unwrap();
        assert_eq!(answer.servers, BTreeSet::new());
        assert_eq!(answer.nearer, Some(("verb.example".into(), BTreeSet::from(["ns.verb.example".into()]))));
        assert_eq!(answer.addresses, ["192.0.2.1:53".parse().unwrap()]);
    }

    #[tokio::test]
    async fn no_delegation_is_an_answer_and_a_refusal_is_none() {
        let missing = server(|reply| {
            *reply.rcode_mut() = RCODE::NameError;
            let name = || Name::new_unchecked("verb.example");
            let soa = SOA { mname: name(), rname: name(), serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 1 };
            reply.name_servers.push(record("verb.example", RData::SOA(soa)));
        });
        assert_eq!(ask(missing.await, DOMAIN).await, Some(Answer::default()));
        let refusing = server(|reply| *reply.rcode_mut() = RCODE::Refused);
        assert_eq!(ask(refusing.await, DOMAIN).await, None);
    }
}
