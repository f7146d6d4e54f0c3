export interface ArchivedFile {
  /** At most 100 ASCII characters. */
  readonly name: string;
  readonly text: string;
  readonly executable: boolean;
}

const blockSize = 512;

/** A tar file (POSIX ustar) of files that belong to root and have no time: the same files give the same bytes. */
export function tarArchive(files: readonly ArchivedFile[]): Buffer {
  const blocks = files.flatMap(({ name, text, executable }) => {
    const content = Buffer.from(text);
    const padding = Buffer.alloc((blockSize - (content.length % blockSize)) % blockSize);
    return [header(name, content.length, executable ? 0o755 : 0o644), content, padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockSize)]);
}

function header(name: string, size: number, mode: number): Buffer {
  const block = Buffer.alloc(blockSize);
  const octal = (value: number, offset: number, digits: number): void => {
    block.write(value.toString(8).padStart(digits, '0'), offset, 'ascii');
  };
  block.write(name, 0, 100, 'ascii');
  octal(mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(0, 136, 11);
  block.write('        0', 148, 'ascii');
  block.write('ustar\u000000', 257, 'ascii');
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  block.writeUInt8(0, 154);
  return block;
}
