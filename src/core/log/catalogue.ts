/**
 * Every message that the gateway can log, by room. Operators match on facility and mnemonic, so a declared one keeps
 * its name and meaning.
 * Where IOS has a message for the thing, its name and words are used.
 */
import { message } from "./message.ts";

type Interface = { readonly interface: string };
type Ends = { readonly source: string; readonly destination: string };
type Scheme = { readonly scheme: string };
type Association = { readonly association: number };
type Group = Interface & { readonly group: number };

export const log = {
  sys: {
    configured: message<{ source: string; user: string }>(
      "SYS",
      5,
      "CONFIG_I",
      ({ source, user }) => `Configured from ${source} by ${user}`,
    ),
    started: message<{ version: string; pid: number }>(
      "SYS",
      5,
      "RESTART",
      ({ version, pid }) => `System restarted -- Understudy ${version}, process ${pid}`,
    ),
    stopping: message<{ reason: string }>("SYS", 5, "STOP", ({ reason }) => `Gateway stops: ${reason}`),
    lineRefused: message<{ line: number; text: string; reason: string }>(
      "SYS",
      3,
      "CONFIG_LINE",
      ({ line, text, reason }) => `startup-config line ${line} refused${text}: ${reason}`,
    ),
    linesRefused: message<{ count: number; file: string }>(
      "SYS",
      3,
      "CONFIG_LINES",
      ({ count, file }) => `${count} line(s) of ${file} refused, the rest is applied`,
    ),
    configWarning: message<{ text: string }>("SYS", 4, "CONFIG_WARNING", ({ text }) => text),
    startupFallback: message<{ file: string; used: string; reason: string }>(
      "SYS",
      2,
      "CONFIG_FALLBACK",
      ({ file, used, reason }) => `${file} cannot be used (${reason}); started from ${used}`,
    ),
    saved: message<{ file: string }>("SYS", 6, "CONFIG_SAVED", ({ file }) => `running-config saved to ${file}`),
    kernelRefused: message<{ what: string; reason: string }>(
      "SYS",
      3,
      "KERNEL_REFUSED",
      ({ what, reason }) => `the kernel refused to ${what}: ${reason}`,
    ),
  },
  supervisor: {
    gatewayDied: message<{ pid: number; cause: string; delayMs: number }>(
      "SUPERVISOR",
      2,
      "GATEWAY_DIED",
      ({ pid, cause, delayMs }) => `gateway process ${pid} died (${cause}); starting it again after ${delayMs} ms`,
    ),
    gatewayLost: message<{ pid: number; how: string; outcome: string }>(
      "SUPERVISOR",
      2,
      "GATEWAY_LOST",
      ({ pid, how, outcome }) => `gateway process ${pid} is ${how}; ${outcome}`,
    ),
    gatewayStarted: message<{ pid: number; count: number }>(
      "SUPERVISOR",
      5,
      "GATEWAY_STARTED",
      ({ pid, count }) => `gateway process ${pid} started (start ${count})`,
    ),
  },
  hsrp: {
    stateChange: message<Group & { from: string; to: string }>(
      "HSRP",
      5,
      "STATECHANGE",
      fields => `${fields.interface} Grp ${fields.group} state ${fields.from} -> ${fields.to}`,
    ),
    epochNotKept: message<{ scheme: string; epoch: number; reason: string }>(
      "HSRP",
      2,
      "EPOCH_NOT_KEPT",
      ({ scheme, epoch, reason }) => `${scheme} is not ready to take over: epoch ${epoch} is not on disk: ${reason}`,
    ),
    refused: message<{ reason: string }>("HSRP", 3, "KERNEL_REFUSED", ({ reason }) => `the kernel refused: ${reason}`),
    badAuthentication: message<{ source: string; group: number; state: string }>(
      "HSRP",
      4,
      "BADAUTH",
      ({ source, group, state }) => `Bad authentication from ${source}, group ${group}, remote state ${state}`,
    ),
    differentAddress: message<Group & { theirs: string; ours: string }>(
      "HSRP",
      4,
      "DIFFVIP1",
      fields =>
        `${fields.interface} Grp ${fields.group} active routers virtual IP address ${fields.theirs} ` +
        `is different to the locally configured address ${fields.ours}`,
    ),
    duplicateAddress: message<Interface & { address: string; mac: string }>(
      "HSRP",
      4,
      "DUPADDR",
      fields => `Duplicate address ${fields.address} on ${fields.interface}, sourced by ${fields.mac}`,
    ),
    loop: message<Group>(
      "HSRP",
      4,
      "LOOP",
      fields => `${fields.interface} Grp ${fields.group} receives its own packets: the segment has a loop`,
    ),
  },
  redundancy: {
    takeover: message<Scheme & { epoch: number; because: string }>(
      "REDUNDANCY",
      5,
      "TAKEOVER",
      ({ scheme, epoch, because }) => `Scheme ${scheme} is active here with epoch ${epoch} (${because})`,
    ),
    notDurable: message<Scheme & { epoch: number }>(
      "REDUNDANCY",
      3,
      "NOT_DURABLE",
      ({ scheme, epoch }) => `Scheme ${scheme} took over with epoch ${epoch}, which is not on disk yet`,
    ),
    lapsed: message<Scheme & { forMs: number }>(
      "REDUNDANCY",
      4,
      "LAPSED",
      ({ scheme, forMs }) => `Scheme ${scheme} stood still for ${forMs} ms as the active; it asks before it goes on`,
    ),
    stranger: message<Scheme & { source: string; said: string }>(
      "REDUNDANCY",
      4,
      "STRANGER",
      ({ scheme, source, said }) => `Scheme ${scheme}: ${source} is not the peer and sent a ${said}; nothing moves`,
    ),
    bareResign: message<Scheme & { source: string }>(
      "REDUNDANCY",
      4,
      "BARE_RESIGN",
      ({ scheme, source }) => `Scheme ${scheme}: a resign from ${source}, but the active is alive; nothing moves`,
    ),
    ghost: message<Scheme & { source: string }>(
      "REDUNDANCY",
      4,
      "GHOST",
      ({ scheme, source }) =>
        `Scheme ${scheme}: hellos of ${source}, whose beacons have ended; a recording, or a filter on the way`,
    ),
    thirdMember: message<Scheme & { source: string; peer: string }>(
      "REDUNDANCY",
      3,
      "THIRD_MEMBER",
      ({ scheme, source, peer }) => `Scheme ${scheme}: ${source} has the key of the pair, but the peer is ${peer}`,
    ),
    oneChannel: message<Scheme & { interface: string }>(
      "REDUNDANCY",
      4,
      "ONE_CHANNEL",
      fields =>
        `Scheme ${fields.scheme}: hellos and beacons share ${fields.interface}; ` +
        "a cut there cannot be told from the death of the peer",
    ),
    switchoverRefused: message<Scheme & { reason: string }>(
      "REDUNDANCY",
      4,
      "SWITCHOVER_REFUSED",
      ({ scheme, reason }) => `Scheme ${scheme}: no switchover, ${reason}`,
    ),
    switchoverFailed: message<Scheme>(
      "REDUNDANCY",
      3,
      "SWITCHOVER_FAILED",
      ({ scheme }) => `Scheme ${scheme}: the peer did not take over; this member stays active`,
    ),
    recordMalformed: message<{ reason: string }>(
      "REDUNDANCY",
      3,
      "RECORD_MALFORMED",
      ({ reason }) => `A record of the active cannot be read and is not held: ${reason}`,
    ),
    notHot: message<Scheme>("REDUNDANCY", 4, "NOT_HOT", ({ scheme }) => `Scheme ${scheme}: the active goes on alone`),
    peerFound: message<Scheme & { peer: string; software: string }>(
      "REDUNDANCY",
      5,
      "PEER_MONITOR_EVENT",
      ({ scheme, peer, software }) => `Scheme ${scheme}: peer found (${peer}, ${software})`,
    ),
    peerLost: message<Scheme & { because: string }>(
      "REDUNDANCY",
      3,
      "PEER_MONITOR",
      ({ scheme, because }) => `Scheme ${scheme}: peer lost (${because})`,
    ),
    incompatible: message<Scheme & { because: string }>(
      "REDUNDANCY",
      3,
      "PEER_INCOMPATIBLE",
      ({ scheme, because }) => `Scheme ${scheme}: nothing is replicated: ${because}`,
    ),
    configDiffers: message<Scheme & { section: string }>(
      "REDUNDANCY",
      4,
      "CONFIG_DIFFERS",
      ({ scheme, section }) => `Scheme ${scheme}: not hot while "${section}" is not the same on both members`,
    ),
    terminalState: message<Scheme>(
      "RF",
      5,
      "RF_TERMINAL_STATE",
      ({ scheme }) => `Terminal state reached for (SSO), scheme ${scheme}: the standby holds everything`,
    ),
    notSynced: message<Scheme & { because: string }>(
      "REDUNDANCY",
      4,
      "NOT_SYNCED",
      ({ scheme, because }) => `Scheme ${scheme}: this member does not hold everything any more (${because})`,
    ),
    tableDiffers: message<Scheme>(
      "REDUNDANCY",
      2,
      "TABLE_DIFFERS",
      ({ scheme }) => `Scheme ${scheme}: this member's records are not the active's; they are fetched anew`,
    ),
    noRoom: message<Scheme & { because: string }>(
      "REDUNDANCY",
      2,
      "NO_ROOM",
      ({ scheme, because }) => `Scheme ${scheme}: this member cannot hold what the active has (${because})`,
    ),
    switchover: message<Scheme & { how: string; epoch: number; state: string }>(
      "REDUNDANCY",
      3,
      "SWITCHOVER",
      ({ scheme, how, epoch, state }) => `Scheme ${scheme}: ${how} to this member, epoch ${epoch}, ${state}`,
    ),
  },
  association: {
    up: message<Association & { fingerprint: string; trustedBy: string }>(
      "REDUNDANCY",
      5,
      "ASSOCIATION_UP",
      fields => `Association ${fields.association} is up, peer key ${fields.fingerprint} (${fields.trustedBy})`,
    ),
    down: message<Association & { because: string }>(
      "REDUNDANCY",
      4,
      "ASSOCIATION_DOWN",
      ({ association, because }) => `Association ${association} is down: ${because}`,
    ),
    unconfirmed: message<Association & { fingerprint: string }>(
      "REDUNDANCY",
      4,
      "PEER_UNCONFIRMED",
      ({ association, fingerprint }) =>
        `Association ${association}: ${fingerprint} is taken for the peer's key because it came first; ` +
        "compare it with 'show ipc association' over there, and confirm it with 'security fingerprint'",
    ),
    refused: message<Association & { because: string }>(
      "REDUNDANCY",
      1,
      "PEER_REFUSED",
      ({ association, because }) =>
        `Association ${association}: somebody at the peer's address is refused and told nothing: ${because}`,
    ),
    unusable: message<Association & { reason: string }>(
      "REDUNDANCY",
      3,
      "ASSOCIATION_UNUSABLE",
      ({ association, reason }) => `Association ${association} cannot be made: ${reason}`,
    ),
  },
  link: {
    upDown: message<Interface & { state: "up" | "down" }>(
      "LINK",
      3,
      "UPDOWN",
      fields => `Interface ${fields.interface}, changed state to ${fields.state}`,
    ),
    shut: message<Interface>(
      "LINK",
      5,
      "CHANGED",
      fields => `Interface ${fields.interface}, changed state to administratively down`,
    ),
    lineProtocol: message<Interface & { state: "up" | "down" }>(
      "LINEPROTO",
      5,
      "UPDOWN",
      fields => `Line protocol on Interface ${fields.interface}, changed state to ${fields.state}`,
    ),
    noDevice: message<Interface & { device: string }>(
      "LINK",
      4,
      "NODEVICE",
      fields => `Interface ${fields.interface} waits for the Linux device ${fields.device}, which does not exist`,
    ),
  },
  dataPlane: {
    unavailable: message<{ reason: string }>(
      "CRYPTO",
      2,
      "NO_DATAPLANE",
      ({ reason }) => `no data plane, so what crypto maps protect is unreachable: ${reason}`,
    ),
    unknownSpi: message<Ends & { spi: string; count: number }>(
      "CRYPTO",
      4,
      "RECVD_PKT_INV_SPI",
      ({ source, destination, spi, count }) =>
        `decaps: rec'd IPSEC packet has invalid spi for destaddr=${destination}, prot=50, ` +
        `spi=${spi}(${Number(spi)}), srcaddr=${source}${count > 1 ? ` (${count} such packets)` : ""}`,
    ),
    clear: message<Ends & { protocol: number }>(
      "CRYPTO",
      4,
      "RECVD_PKT_NOT_IPSEC",
      ({ source, destination, protocol }) =>
        `Rec'd packet not an IPSEC packet. (ip) vrf/dest_addr= /${destination}, src_addr= ${source}, prot= ${protocol}`,
    ),
    outsideSelectors: message<Ends & { spi: string }>(
      "CRYPTO",
      4,
      "RECVD_PKT_MISMATCH",
      ({ source, destination, spi }) =>
        `decaps: packet from ${source} to ${destination} inside spi=${spi} is not what this SA may carry`,
    ),
    capReached: message<{ spi: string; sequence: number }>(
      "CRYPTO",
      4,
      "SEQ_RESERVED",
      ({ spi, sequence }) => `spi=${spi} sends no more after sequence number ${sequence}: a new SA is needed`,
    ),
    lifetimeOver: message<{ spi: string; what: string }>(
      "CRYPTO",
      4,
      "SA_LIFETIME",
      ({ spi, what }) => `spi=${spi} reached the end of its lifetime (${what})`,
    ),
    saFailed: message<{ spi: string }>(
      "CRYPTO",
      2,
      "SA_FAILED",
      ({ spi }) => `spi=${spi} was closed: its numbers were not as they must be`,
    ),
    eventsLost: message<{ count: number }>(
      "CRYPTO",
      4,
      "EVENTS_LOST",
      ({ count }) => `${count} event(s) of the data plane were lost`,
    ),
    trace: message<{ text: string }>("CRYPTO", 7, "PACKET", ({ text }) => text),
  },
  ike: {
    noSa: message<{ peer: string; reason: string }>(
      "CRYPTO",
      4,
      "IKMP_NO_SA",
      ({ peer, reason }) => `IKE message from ${peer} has no SA and is not an initialization offer: ${reason}`,
    ),
    modeFailed: message<{ mode: string; peer: string; reason: string }>(
      "CRYPTO",
      6,
      "IKMP_MODE_FAILURE",
      ({ mode, peer, reason }) => `Processing of ${mode} mode failed with peer at ${peer}: ${reason}`,
    ),
    badMessage: message<{ peer: string; reason: string }>(
      "CRYPTO",
      4,
      "IKMP_BAD_MESSAGE",
      ({ peer, reason }) => `IKE message from ${peer} failed its sanity check or is malformed: ${reason}`,
    ),
    notEncrypted: message<{ peer: string }>(
      "CRYPTO",
      6,
      "IKMP_NOT_ENCRYPTED",
      ({ peer }) => `IKE packet from ${peer} was not encrypted and it should've been.`,
    ),
    unauthenticated: message<{ peer: string }>(
      "CRYPTO",
      3,
      "IKMP_SA_NOT_AUTH",
      ({ peer }) => `Cannot accept Quick Mode exchange from ${peer} if SA is not authenticated!`,
    ),
    aggressiveMode: message<{ peer: string }>(
      "CRYPTO",
      5,
      "IKMP_AG_MODE_DISABLED",
      ({ peer }) => `Unable to initiate or respond to Aggressive Mode while disabled: ${peer} asked for it`,
    ),
    noProposal: message<{ peer: string; reason: string }>(
      "CRYPTO",
      6,
      "IKMP_NO_PROPOSAL",
      ({ peer, reason }) => `No proposal of ${peer} is acceptable: ${reason}`,
    ),
    notOffered: message<{ peer: string; attribute: string }>(
      "CRYPTO",
      6,
      "IKMP_SA_NOT_OFFERED",
      ({ peer, attribute }) => `Remote peer ${peer} responded with attribute ${attribute} not offered or changed`,
    ),
    noPresharedKey: message<{ peer: string }>(
      "CRYPTO",
      4,
      "IKMP_NO_PRESHARED_KEY",
      ({ peer }) => `Pre-shared key for remote peer at ${peer} is missing`,
    ),
    setupFailed: message<{ local: string; peer: string; reason: string }>(
      "CRYPTO",
      5,
      "IKMP_SETUP_FAILURE",
      ({ local, peer, reason }) => `IKE SETUP FAILED for local:${local} remote:${peer} fail_reason:${reason}`,
    ),
    proxyIdentities: message<{ peer: string; local: string; remote: string; reason: string }>(
      "CRYPTO",
      4,
      "IPSEC_PROXY_MISMATCH",
      ({ peer, local, remote, reason }) =>
        `proxy identities not supported: ${peer} asked for local ${local} remote ${remote}: ${reason}`,
    ),
    session: message<{ up: boolean; peer: string; identity: string }>(
      "CRYPTO",
      5,
      "SESSION_STATUS",
      ({ up, peer, identity }) =>
        `Crypto tunnel is ${up ? "UP" : "DOWN"}.  Peer ${peer}${identity === "" ? "" : `       Id: ${identity}`}`,
    ),
    peerDead: message<{ peer: string; reason: string }>(
      "CRYPTO",
      4,
      "IKMP_PEER_DEAD",
      ({ peer, reason }) => `Peer ${peer} is declared dead: ${reason}`,
    ),
    halfOpen: message<{ peer: string; count: number }>(
      "CRYPTO",
      4,
      "IKMP_HALF_OPEN",
      ({ peer, count }) => `${count} negotiations are half open: first messages are refused, the last from ${peer}`,
    ),
    computeFailed: message<{ peer: string; reason: string }>(
      "CRYPTO",
      6,
      "IKMP_CRYPT_FAILURE",
      ({ peer, reason }) => `IKE (connection with ${peer}) unable to compute: ${reason}`,
    ),
    notRestored: message<{ reason: string }>(
      "CRYPTO",
      3,
      "HA_RECORD",
      ({ reason }) => `An IKE SA of the active cannot be held here: ${reason}`,
    ),
  },
  /** What `debug` asks for. */
  debug: {
    hsrp: message<{ text: string }>("HSRP", 7, "DEBUG", ({ text }) => text),
    ike: message<{ text: string }>("CRYPTO", 7, "DEBUG", ({ text }) => text),
    redundancy: message<{ text: string }>("REDUNDANCY", 7, "DEBUG", ({ text }) => text),
  },
} as const;
