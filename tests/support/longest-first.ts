/** Files that take minutes begin first, or the last of them would run alone while the other workers have nothing. */
import { BaseSequencer, type TestSpecification } from "vitest/node";

const LONG = ["esp-steering", "hsrp-faults", "tunnel-faults", "association", "ike-maps", "esp-tunnel", "hsrp-clock"];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    // Stable: what the projects ask for stays as it is among equals, and they come one after the other.
    return sorted.sort(
      (a, b) => a.project.config.sequence.groupOrder - b.project.config.sequence.groupOrder || rank(a) - rank(b),
    );
  }
}

function rank({ moduleId }: TestSpecification): number {
  const at = LONG.findIndex(name => moduleId.endsWith(`/${name}.test.ts`));
  return at < 0 ? LONG.length : at;
}
