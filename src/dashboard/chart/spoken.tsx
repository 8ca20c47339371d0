import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

const LEAST_MS = 500

/** A polite live region: the newest words, however quickly they change, at most once in half a second. */
export function Spoken({ words }: { words: string | undefined }): JSX.Element {
  const [said, setSaid] = useState('')
  const saidAtMs = useRef(-LEAST_MS)
  useEffect(() => {
    const say = () => {
      saidAtMs.current = performance.now()
      setSaid(words ?? '')
    }
    const timer = setTimeout(say, Math.max(0, saidAtMs.current + LEAST_MS - performance.now()))
    return () => clearTimeout(timer)
  }, [words])
  return (
    <p class="vh" role="status">
      {said}
    </p>
  )
}
