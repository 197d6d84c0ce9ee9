/** True when bytes hold a marker as it is, in other case, in hex, or in base64 at any offset. */
export function shows(bytes: Buffer, marker: string): boolean {
  const text = bytes.toString('latin1').toLowerCase()
  const plain = [marker, Buffer.from(marker).toString('hex')].some((form) => text.includes(form.toLowerCase()))
  const raw = bytes.toString('latin1')
  // Without the digits at both ends that share bits with what stands beside them.
  const encoded = [0, 1, 2].some((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), Buffer.from(marker)])
    return raw.includes(
      padded
        .toString('base64')
        .replace(/=+$/, '')
        .slice(offset + 1, -1),
    )
  })
  return plain || encoded
}
