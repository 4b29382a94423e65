/**
 * One line of the SPD, as a value (RFC 4301 section 4.4.1): which packets from inside are protected, by what, and
 * which go as they are.
 *
 * Policies are asked in their order, the first that means a packet decides. A packet whose ports cannot be seen takes a
 * `protect` that may mean it and leaves out a `bypass` that only may: what is unsure is protected. Inbound each is read
 * the other way round: what arrives in clear and would have been protected is dropped.
 */
import type { Selector } from "../wire/selector.ts";

/** The place of a bundle in the data plane's tables. */
export type BundleId = number;

export interface Policy {
  readonly id: number;
  /** The lowest is asked first; equal orders in the order of their ids. */
  readonly order: number;
  /** As packets from inside look. */
  readonly selector: Selector;
  readonly action: PolicyAction;
  /** Whose role word decides; the same as of the SAs of its bundle. */
  readonly owner: string;
}

export type PolicyAction =
  /** By the SA that the bundle has now; while it has none, one is asked for. */
  | { readonly kind: "protect"; readonly bundle: BundleId }
  /** Not protected: it goes the ordinary way in clear. */
  | { readonly kind: "bypass" }
  | { readonly kind: "discard" };

/** What no policy means goes the ordinary way, as IOS sends what no crypto ACL permits. */
export const UNMATCHED: PolicyAction = { kind: "bypass" };
