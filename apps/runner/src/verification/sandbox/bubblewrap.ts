import type { Mount, Sandbox } from './sandbox.ts'

/** Bubblewrap, as Flatpak uses it: it needs no special rights where the kernel lets people make user namespaces. */
export function bubblewrap(executable: string): Sandbox {
  return {
    isolation: 'bubblewrap',
    wrap: (command, { mounts, cwd }) => ({
      file: executable,
      args: [
        '--unshare-all --die-with-parent --new-session --cap-drop ALL'.split(' '),
        '--ro-bind / / --dev /dev --proc /proc'.split(' '),
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
