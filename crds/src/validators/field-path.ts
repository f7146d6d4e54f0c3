/** Path as people write it of a JSON pointer: `/usb/0/vendorIds` becomes `usb[0].vendorIds`. */
export function fieldPath(pointer: string): string {
  const segments = pointer.split('/').slice(1);
  let path = '';
  for (const segment of segments) path = memberPath(path, segment.replaceAll('~1', '/').replaceAll('~0', '~'));
  return path;
}

export function memberPath(path: string, member: string): string {
  if (/^\d+$/.test(member)) return `${path}[${member}]`;
  if (!/^[A-Za-z_$][\w$]*$/.test(member)) return `${path}[${JSON.stringify(member)}]`;
  return path === '' ? member : `${path}.${member}`;
}
