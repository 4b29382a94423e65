/** Raw IP: one protocol's packets. What comes in by IPv4 begins with its IP header, by IPv6 not. CAP_NET_RAW. */
import type { IpAddress } from "../core/wire/address.ts";
import { openWith } from "./descriptor.ts";
import { bindInet, type InetOptions, InetSocket, setInetOptions } from "./inet-socket.ts";
import { attempt } from "./system-call.ts";

export interface RawOptions extends InetOptions {
  /** IP protocol number. */
  readonly protocol: number;
  readonly address?: IpAddress;
  /** What is sent begins with its own IP header. */
  readonly headerIncluded?: boolean;
}

export class RawSocket extends InetSocket {
  /** Throws a `SystemError`. */
  constructor(options: RawOptions) {
    const { family, protocol, address, headerIncluded } = options;
    super(family, addon =>
      attempt("open a raw socket", { protocol }, () =>
        openWith(
          addon,
          () => addon.rawOpen(family, protocol),
          fd => {
            setInetOptions(addon, fd, options);
            if (headerIncluded) addon.setOption(fd, family === 4 ? "headerIncluded" : "v6HeaderIncluded", 1);
            if (address !== undefined) bindInet(fd, address, 0);
          },
        ),
      ),
    );
  }
}
