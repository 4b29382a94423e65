/** UDP with everything that IKE, HSRP and beacons need to know of a datagram, and from any source address. */
import type { IpAddress } from "../core/wire/address.ts";
import { openWith } from "./descriptor.ts";
import { anyAddress, bindInet, type InetOptions, InetSocket, setInetOptions } from "./inet-socket.ts";
import { attempt } from "./system-call.ts";

export interface UdpOptions extends InetOptions {
  /** Every address without it. */
  readonly address?: IpAddress;
  /** 0 for any free one. CAP_NET_BIND_SERVICE below 1024. */
  readonly port: number;
  /** For an IPv6 address that is local to a link. */
  readonly linkIndex?: number;
}

export class UdpSocket extends InetSocket {
  /** Throws a `SystemError`. */
  constructor(options: UdpOptions) {
    const { family, address = anyAddress(family), port, linkIndex } = options;
    super(family, addon =>
      attempt("open a UDP socket", { address, port }, () =>
        openWith(
          addon,
          () => addon.udpOpen(family),
          fd => {
            // IPv4 has sockets of its own, with port numbers of their own.
            if (family === 6) addon.setOption(fd, "v6Only", 1);
            setInetOptions(addon, fd, options);
            bindInet(fd, address, port, linkIndex);
          },
        ),
      ),
    );
  }

  get port(): number {
    return this.addon.inetPort(this.fd);
  }

  /** Datagrams to this socket that are ESP in UDP (RFC 3948) go to the kernel's IPsec instead. */
  encapsulateEsp(): void {
    const espInUdp = 2;
    attempt("receive ESP in UDP", {}, () => this.addon.setOption(this.fd, "udpEncapsulation", espInUdp));
  }
}
