/**
 * Exchanges under way as a record holds them: what was sent and may have to be sent again, and what checks the answer.
 *
 * What waits for a computation is left out: nothing of it has left this member, and what asked for it comes again.
 */
import { create } from "@bufbuild/protobuf";
import { Secret } from "../../crypto/secret.ts";
import { selectorFrom, selectorRecord } from "../../ipsec/selector-record.ts";
import {
  type RecordExchange,
  RecordExchangeSchema,
  type RecordMainMode,
  RecordMainModeSchema,
  type RecordQuickMode,
  RecordQuickModeSchema,
} from "../../proto/ike_sa_pb.ts";
import { type MainMode, newMainMode, newQuickMode, type QuickMode } from "./exchange-work.ts";
import { Exchange, type IkeSa } from "./ike-sa.ts";

const MAIN_STATES = ["key-answered", "proof-sent"] as const;
const QUICK_STATES = ["offer-sent", "confirmed", "answered", "done"] as const;

/** More than are ever under way at once but in a flood; a record stays below what one message may have. */
const UNFINISHED_MAX = 32;
/** Of these a lost answer may still be asked for. */
const FINISHED_MAX = 8;

/** Those that a successor goes on with, the newest where there are too many: the others are begun anew. */
export function recordedExchanges(exchanges: Iterable<Exchange>): Exchange[] {
  const all = [...exchanges].filter(isRecorded);
  const isFinished = ({ work }: Exchange): boolean =>
    work?.kind !== "quick" || work.state === "done" || work.state === "confirmed";
  const finished = all.filter(isFinished).slice(-FINISHED_MAX);
  return [...finished, ...all.filter(each => !isFinished(each)).slice(-UNFINISHED_MAX)];
}

/** Whether somebody else can go on with it. */
function isRecorded({ work, answer }: Exchange): boolean {
  if (work === undefined) return answer !== undefined;
  const states: readonly string[] = work.kind === "main" ? MAIN_STATES : QUICK_STATES;
  return states.includes(work.state);
}

export function exchangeRecord({ messageId, iv, taken, answer, request, work }: Exchange): RecordExchange {
  return create(RecordExchangeSchema, {
    messageId,
    iv,
    ...(taken === undefined ? {} : { taken }),
    ...(answer === undefined ? {} : { answer }),
    ...(request === undefined ? {} : { request: request.octets }),
    ...(work?.kind === "main" ? { mainMode: mainRecord(work) } : {}),
    ...(work?.kind === "quick" ? { quickMode: quickRecord(work) } : {}),
  });
}

/** Into `exchange`, which is new. What stays is copied: a view would keep the record, and the keys that are in it. */
export function restoreExchange(exchange: Exchange, record: RecordExchange, sa: IkeSa, now: number): void {
  exchange.iv = Uint8Array.from(record.iv);
  exchange.taken = record.taken;
  exchange.answer = record.answer && new Uint8Array(record.answer);
  exchange.request = record.request && { octets: new Uint8Array(record.request), sendings: 1 };
  if (record.mainMode !== undefined) exchange.work = mainFrom(record.mainMode, sa);
  if (record.quickMode !== undefined) exchange.work = quickFrom(record.quickMode, now);
}

export function exchangeFrom(record: RecordExchange, sa: IkeSa, now: number): Exchange {
  const exchange = new Exchange(sa, record.messageId, new Uint8Array(0));
  restoreExchange(exchange, record, sa, now);
  return exchange;
}

function mainRecord({ state, offer, facts, root }: MainMode): RecordMainMode {
  const nothing = new Uint8Array(0);
  return create(RecordMainModeSchema, {
    state,
    offer,
    initiatorNonce: facts?.initiatorNonce ?? nothing,
    responderNonce: facts?.responderNonce ?? nothing,
    initiatorPublic: facts?.initiatorPublic ?? nothing,
    responderPublic: facts?.responderPublic ?? nothing,
    root: root === undefined ? nothing : Uint8Array.from(root.reveal()),
  });
}

function mainFrom(record: RecordMainMode, sa: IkeSa): MainMode | undefined {
  const state = MAIN_STATES.find(each => each === record.state);
  if (state === undefined || sa.keys === undefined || sa.policy === undefined) return undefined;
  const { initiatorNonce, responderNonce, initiatorPublic, responderPublic } = record;
  const work = newMainMode(state);
  work.offer = record.offer;
  work.root = new Secret(record.root);
  work.facts = {
    ...{ initiatorNonce, responderNonce, initiatorPublic, responderPublic },
    hash: sa.keys.hash,
    keyOctets: sa.policy.keyBits / 8,
    initiatorCookie: sa.initiatorCookie,
    responderCookie: sa.responderCookie,
  };
  return work;
}

function quickRecord(work: QuickMode): RecordQuickMode {
  const { state, request, traffic, selector, spi, identities, ours, theirs } = work;
  // Once it is over its secrets are wiped, and nobody needs them.
  const secret = state === "offer-sent" ? ours.secret : undefined;
  return create(RecordQuickModeSchema, {
    ...{ state, traffic, spi, identities: [...identities] },
    initiator: request !== undefined,
    tried: request?.tried ?? 0,
    ...(selector === undefined ? {} : { selector: selectorRecord(selector) }),
    ourNonce: ours.nonce,
    theirNonce: theirs.nonce,
    ourPublic: ours.public,
    ...(secret === undefined ? {} : { ourSecret: Uint8Array.from(secret.reveal()) }),
  });
}

function quickFrom(record: RecordQuickMode, now: number): QuickMode | undefined {
  const state = QUICK_STATES.find(each => each === record.state);
  if (state === undefined) return undefined;
  const selector = selectorFrom("quickMode.selector", record.selector);
  const { traffic, tried, spi, identities } = record;
  const work = newQuickMode(record.initiator ? { traffic, selector, tried } : undefined, now);
  Object.assign(work, { state, traffic, selector, spi, identities });
  work.ours.nonce = record.ourNonce;
  work.ours.public = record.ourPublic;
  work.ours.secret = record.ourSecret && new Secret(record.ourSecret);
  work.theirs.nonce = record.theirNonce;
  return work;
}
