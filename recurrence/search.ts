/**
 * Binary search in something ordered.
 * @param size number of items
 * @param isBefore whether the item at an index lies before what is sought; never again after it once did not
 * @returns index of the first item that does not lie before it; `size` when all do
 */
export function searchFirst(size: number, isBefore: (index: number) => boolean): number {
  let [low, high] = [0, size];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isBefore(middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
