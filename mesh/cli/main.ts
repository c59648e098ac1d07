// `npm run mesh -- COMMAND`: finds the command, reads its words, tells mistakes in one line.

import { type Command, parseWords, UsageError } from './command.ts';
import { explainCommand } from './explain-command.ts';
import { ejectCommand, faultCommand, resetCommand, rotateCommand, setCommand, statusCommand } from './live-commands.ts';
import { type Output, terminal } from './output.ts';
import { routeCommand } from './route-command.ts';

const COMMANDS: readonly Command[] = [
  explainCommand,
  routeCommand,
  statusCommand,
  setCommand,
  faultCommand,
  ejectCommand,
  resetCommand,
  rotateCommand,
];

function overview(): string {
  const width = Math.max(...COMMANDS.map((command) => command.name.length));
  const list = COMMANDS.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`).join('\n');
  return `npm run mesh -- COMMAND [--json]\n\n${list}\n\nnpm run mesh -- COMMAND --help says more.`;
}

/** @returns the exit code: 0 done, 1 could not, 2 not understood. */
export async function main(words: readonly string[], output: Output = terminal): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    output.line(overview());
    return name === undefined ? 2 : 0;
  }
  const command = COMMANDS.find((each) => each.name === name);
  if (command === undefined) {
    output.error(`There is no command ${JSON.stringify(name)}.\n\n${overview()}`);
    return 2;
  }
  try {
    const { positionals, options } = parseWords(command, rest);
    if (options.help === true) {
      output.line(command.help);
      return 0;
    }
    return await command.run(positionals, options, output);
  } catch (error) {
    if (error instanceof UsageError) {
      output.error(`${error.message}\n\n${command.help}`);
      return 2;
    }
    if (error instanceof Error) {
      output.error(error.message);
      return 1;
    }
    throw error;
  }
}

/** A reader that has seen enough, as `| head` has, ends the command and is no error. */
function readerGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
}

if (import.meta.main) {
  process.stdout.on('error', readerGone);
  process.exitCode = await main(process.argv.slice(2));
}
