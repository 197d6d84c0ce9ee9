import type { Mount, Sandbox } from './sandbox.ts'

/** Root may write them; nobody else may anyway. */
const KERNEL_SETTINGS = ['/proc/sys', '/proc/sysrq-trigger', '/proc/irq', '/proc/bus']

/** Bubblewrap, as Flatpak uses it: it needs no special rights where the kernel lets people make user namespaces. */
export function bubblewrap(executable: string): Sandbox {
  return {
    isolation: 'bubblewrap',
    wrap: (command, { mounts, cwd }) => ({
      file: executable,
      args: [
        '--unshare-all --die-with-parent --new-session --cap-drop ALL'.split(' '),
        '--ro-bind / / --dev /dev --proc /proc'.split(' '),
        KERNEL_SETTINGS.flatMap((path) => ['--ro-bind-try', path, path]),
        mounts.flatMap(argumentsOf),
        ['--chdir', cwd, '--'],
        command,
      ].flat(),
    }),
  }
}

function argumentsOf({ kind, path }: Mount): string[] {
  switch (kind) {
    case 'hide':
      return ['--tmpfs', path]
    case 'blank':
      return ['--ro-bind', '/dev/null', path]
    case 'show':
      return ['--ro-bind', path, path]
    case 'write':
      return ['--bind', path, path]
  }
}
