import { describe, expect, it } from 'vitest';
import { RoomNews } from './room-news.ts';

const room = 'room-device-x';

function outcome(...plugins: readonly string[]): { heldPlugins: ReadonlySet<string> } {
  return { heldPlugins: new Set(plugins) };
}

describe('news of a waiting room', () => {
  it('matter when nobody has looked yet, or another plugin is concerned', async () => {
    const news = new RoomNews();
    expect(news.matters(room, ['a/p'])).toBe(true);
    await news.look(room, async () => outcome('a/p'));
    expect(news.matters(room, ['a/p'])).toBe(false);
    expect(news.matters(room, ['a/p', 'a/q'])).toBe(true);
    expect(news.matters('room-device-y', ['a/p'])).toBe(true);
  });

  it('matter while a look runs, which may have read the room before', async () => {
    const news = new RoomNews();
    await news.look(room, async () => outcome('a/p'));
    const looked = Promise.withResolvers<{ heldPlugins: ReadonlySet<string> }>();
    const look = news.look(room, () => looked.promise);
    expect(news.matters(room, ['a/p'])).toBe(true);
    expect(news.nothingUnseen(room)).toBe(false);
    looked.resolve(outcome('a/p'));
    await look;
    expect(news.matters(room, ['a/p'])).toBe(false);
  });

  it('matter after a look that failed', async () => {
    const news = new RoomNews();
    await news.look(room, async () => outcome('a/p'));
    await expect(news.look(room, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(news.matters(room, ['a/p'])).toBe(true);
  });

  it('that were passed over make a room that ran empty worth a look', async () => {
    const news = new RoomNews();
    await news.look(room, async () => outcome('a/p'));
    news.matters(room, ['a/p']);
    expect(news.nothingUnseen(room)).toBe(false);
  });

  it('matter again once the room ran empty', async () => {
    const news = new RoomNews();
    await news.look(room, async () => outcome('a/p'));
    expect(news.nothingUnseen(room)).toBe(true);
    expect(news.matters(room, ['a/p'])).toBe(true);
  });
});
