/**
 * A TUN device: what the kernel routes into it is read here, what is written here the kernel receives. CAP_NET_ADMIN.
 */
import { Descriptor, openWith } from "./descriptor.ts";
import { attempt } from "./system-call.ts";

export interface TunOptions {
  /** May hold `%d` for the first free number. */
  readonly name: string;
  /** A virtio-net header before each packet, which segmentation offload needs. */
  readonly vnetHeader?: boolean;
  readonly multiQueue?: boolean;
}

export interface TunOffload {
  readonly checksum: boolean;
  readonly tso4: boolean;
  readonly tso6: boolean;
  /** UDP segmentation; kernels before 6.2 refuse it. */
  readonly uso: boolean;
}

export class Tun extends Descriptor {
  readonly name: string;

  /** Throws a `SystemError`. */
  constructor(options: TunOptions) {
    const { name, vnetHeader = false, multiQueue = false } = options;
    let given = name;
    super(addon =>
      attempt("make the TUN device", { name }, () =>
        openWith(
          addon,
          () => addon.tunOpen(name, vnetHeader, multiQueue),
          fd => {
            given = addon.tunName(fd);
          },
        ),
      ),
    );
    this.name = given;
  }

  /** Octets of one packet read into `buffer`, or -1 when there is none. Throws a `SystemError`. */
  read(buffer: Uint8Array): number {
    return attempt("read from the TUN device", { name: this.name }, () => this.addon.read(this.fd, buffer));
  }

  /** Octets written, or -1 when there is no room. Throws a `SystemError`: EIO while the device is down. */
  write(packet: Uint8Array): number {
    return attempt("write to the TUN device", { name: this.name }, () => this.addon.write(this.fd, packet));
  }

  offload({ checksum, tso4, tso6, uso }: TunOffload): void {
    attempt("set the TUN device's offload", { name: this.name }, () =>
      this.addon.tunOffload(this.fd, checksum, tso4, tso6, uso),
    );
  }

  /** Whether the device stays when this process ends. */
  persist(persist: boolean): void {
    attempt("make the TUN device stay", { name: this.name }, () => this.addon.tunPersist(this.fd, persist));
  }
}
