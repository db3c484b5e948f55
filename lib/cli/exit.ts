// How a command ends: its exit code, and the one line that says why.

/** Exit codes: done; failed; used wrongly (nothing was sent); ended by Ctrl-C; ended by SIGTERM, as shells number them. */
export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130, terminated: 143 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with one line on stderr. */
export class CliError extends Error {
  override readonly name: string = 'CliError';
  readonly exitCode: ExitCode;

  constructor(message: string, options: { readonly exitCode?: ExitCode; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode ?? EXIT.failed;
  }
}

/** A CliError for arguments or settings that make no sense. */
export function usageError(message: string): CliError {
  return new CliError(message, { exitCode: EXIT.usage });
}
