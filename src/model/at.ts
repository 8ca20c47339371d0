/**
 * The element of an array, a typed array or a text that is there by construction.
 * @throws RangeError where it is not: a broken index must not become a number.
 */
export function at<T>(list: ArrayLike<T>, index: number): T
export function at(list: ArrayLike<unknown>, index: number): unknown {
  const element = list[index]
  return element === undefined && !Object.hasOwn(list, index) ? outOfRange(list, index) : element
}

/**
 * The end of `values[index] ?? outOfRange(values, index)`: the same where each sample counts. A loop that indexes for
 * itself stays quick; one shared function sees arrays of every kind, for which no engine compiles a quick access.
 */
export function outOfRange(list: ArrayLike<unknown>, index: number): never {
  throw new RangeError(`there is no element ${index} among ${list.length}`)
}
