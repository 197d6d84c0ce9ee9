import { readFileSync } from 'node:fs'

import { mountedFileSystems, type MountedAt } from './mounted-file-systems.ts'
import type { Mount, Sandbox } from './sandbox.ts'

/**
 * Runs as the first process of new namespaces and never sees a byte of a task but as an argument of the command at the end. It binds
 * the file system to another place, makes that read-only mount by mount, lays the changes over it, makes it the root, and
 * gives up the rights to change any of that. Whatever fails ends it before the command starts. `mount -o bind,ro` binds and mounts again
 * read-only; where it only binds, the probe finds a folder that is shown writable. The command is a child of that first process: the kernel
 * keeps signals from a first process, so one that ends itself by a signal, as test runners do when a child of theirs crashed, would go on.
 */
const SCRIPT = `set -eu
new=$1 cwd=$2 uid=$3 gid=$4 unshare=$5 path=$PATH
shift 5
PATH=/usr/sbin:/usr/bin:/sbin:/bin
folder() { [ -d "$new$1" ] || mkdir -p "$new$1"; }
mount --make-rprivate /
mount --rbind / "$new"
while [ "$1" != -- ]; do
  case $1 in
    lock) mount -o "remount,bind,$2" "$new$3" ;;
    hide) folder "$3"; mount -t tmpfs -o "size=$2,mode=755" tmpfs "$new$3" ;;
    blank) mount --bind /dev/null "$new$3" ;;
    show) folder "$3"; mount -o "bind,$2" "$3" "$new$3" ;;
    write) folder "$3"; mount --bind "$3" "$new$3" ;;
    *) exit 125 ;;
  esac
  shift 3
done
shift
mount -t tmpfs -o size=64m,mode=755 tmpfs "$new/dev"
for device in null zero full random urandom; do
  : > "$new/dev/$device"
  mount --bind "/dev/$device" "$new/dev/$device"
done
mkdir -m 1777 "$new/dev/shm"
ln -s /proc/self/fd "$new/dev/fd"
for stream in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/\${stream%%:*}" "$new/dev/\${stream##*:}"; done
mount -t proc proc "$new/proc"
for part in sys sysrq-trigger irq bus; do
  [ -e "$new/proc/$part" ] || continue
  mount -o bind,ro,nosuid,nodev,noexec "$new/proc/$part" "$new/proc/$part"
done
mkdir "$new/tmp/.old"
cd "$new"
pivot_root . tmp/.old
cd /
umount -l /tmp/.old
rmdir /tmp/.old
cd "$cwd"
PATH=$path
exec "$unshare" --user --map-user="$uid" --map-group="$gid" --fork -- "$@"
`

const PSEUDO = /^\/(?:proc|dev)(?:\/|$)/

/** The same as bubblewrap with `unshare`, `mount` and `pivot_root`, which every Linux distribution has. */
export function namespaces(unshare: string): Sandbox {
  return {
    isolation: 'namespaces',
    wrap: (command, { mounts, cwd, spare }) => {
      const mounted = mountedFileSystems(readFileSync('/proc/self/mountinfo', 'utf8'))
      const hidden = mounts.filter(({ kind }) => kind === 'hide').map(({ path }) => path)
      const locks = mounted
        .filter(
          ({ path }) =>
            !PSEUDO.test(path) && !hidden.some((folder) => path === folder || path.startsWith(`${folder}/`)),
        )
        .flatMap(({ path, flags }) => ['lock', readOnly(flags), path])
      const ids = [String(process.getuid?.() ?? 0), String(process.getgid?.() ?? 0)]
      return {
        file: unshare,
        args: [
          '--user --map-root-user --mount --net --ipc --uts --pid --fork --kill-child=SIGKILL --'.split(' '),
          ['/bin/sh', '-c', SCRIPT, 'sh', spare, cwd, ...ids, unshare],
          locks,
          mounts.flatMap((mount) => [mount.kind, optionOf(mount, mounted), mount.path]),
          ['--'],
          command,
        ].flat(),
      }
    },
  }
}

function optionOf({ kind, path }: Mount, mounted: readonly MountedAt[]): string {
  if (kind === 'hide') return '256m'
  const holder = mounted.findLast(
    (mount) => mount.path === '/' || path === mount.path || path.startsWith(`${mount.path}/`),
  )
  return readOnly(holder?.flags ?? 'rw')
}

function readOnly(flags: string): string {
  return ['ro', ...flags.split(',').filter((flag) => flag !== 'rw' && flag !== 'ro')].join(',')
}
