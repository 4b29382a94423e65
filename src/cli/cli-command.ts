/** The command line of `understudy cli`. */
import { parseArgs } from "node:util";
import { attach } from "./client.ts";

export const CLI_USAGE = (socket: string): string => `usage: understudy cli [--socket PATH] [-c COMMAND]...

Attaches to a running gateway. With -c, or with commands on standard input, runs them and leaves.

  -c COMMAND      run this command (again for each further one): understudy cli -c "show standby"
  --socket PATH   the gateway's socket (default ${socket})

Exit code: 0 every command was taken, 1 one was refused, 2 no gateway was reached or the call was wrong.`;

export async function runCli(args: readonly string[], defaultSocket: string): Promise<number> {
  let values: { socket?: string | undefined; command?: string[] | undefined; help?: boolean | undefined };
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        socket: { type: "string" },
        command: { type: "string", short: "c", multiple: true },
        help: { type: "boolean", short: "h" },
      },
    }));
  } catch (error) {
    process.stderr.write(`understudy: ${(error as Error).message}\n\n${CLI_USAGE(defaultSocket)}\n`);
    return 2;
  }
  if (values.help) {
    process.stdout.write(`${CLI_USAGE(defaultSocket)}\n`);
    return 0;
  }
  return attach({ socket: values.socket ?? defaultSocket, ...(values.command && { commands: values.command }) });
}
