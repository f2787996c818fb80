/**
 * Does something for each, for a few at a time; every one is tried.
 *
 * @throws the first error, when all have ended
 */
export async function eachOf<T>(
  all: readonly T[],
  atOnce: number,
  action: (one: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const failed: unknown[] = [];
  const work = async () => {
    for (let index = next++; index < all.length; index = next++)
      await action(all[index]!, index).catch((error: unknown) => void failed.push(error));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  if (failed.length > 0) throw failed[0];
}
