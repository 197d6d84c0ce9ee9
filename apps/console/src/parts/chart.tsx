import { useEffect, useRef, useState } from 'preact/hooks'
import type uPlot from 'uplot'

export interface Series {
  readonly label: string
  /** A token of the theme. */
  readonly colour: `--series-${1 | 2 | 3 | 4}`
  /** One for each time; null where it is not known. */
  readonly values: readonly (number | null)[]
}

/** What a chart shows, whatever its width. */
export interface ChartFacts {
  readonly title: string
  /** What the lines say, for whoever does not see them; the table below has the numbers. */
  readonly summary: string
  /** Milliseconds since 1970. */
  readonly times: readonly number[]
  readonly series: readonly Series[]
  readonly format: (value: number) => string
  /** The axis ends there at the earliest. */
  readonly least: number
}

interface ChartProps extends ChartFacts {
  /** Milliseconds from one time to the next. */
  readonly width: number
}

/** Lines over time with gaps where nothing is known. */
export function Chart({ title, summary, times, series, format, least, width }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const scheme = useScheme()
  useEffect(() => {
    const { current } = place
    if (!current) return
    let plot: uPlot | undefined
    let isGone = false
    const size = () => ({ width: current.clientWidth, height: HEIGHT })
    const observer = new ResizeObserver(() => plot?.setSize(size()))
    void import('uplot').then(({ default: Plot }) => {
      if (isGone) return
      const data: uPlot.AlignedData = [times.map((time) => time / 1000), ...series.map(({ values }) => [...values])]
      plot = new Plot({ ...optionsOf({ series, format, least, width }), ...size() }, data, current)
      observer.observe(current)
    })
    return () => {
      isGone = true
      observer.disconnect()
      plot?.destroy()
    }
  }, [times, series, format, least, width, scheme])
  return (
    <figure class="chart">
      <figcaption>
        <strong>{title}</strong>
        <span class="legend">
          {series.map(({ label, colour }) => (
            <span key={label}>
              <span class={`swatch ${colour.slice(2)}`} aria-hidden="true" /> {label}
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={place} role="img" aria-label={`${title}: ${summary}`} class="plot" />
    </figure>
  )
}

const HEIGHT = 180

type Drawn = Pick<ChartProps, 'series' | 'format' | 'least' | 'width'>

function optionsOf({ series, format, least, width }: Drawn): Omit<uPlot.Options, 'width' | 'height'> {
  const theme = getComputedStyle(document.documentElement)
  const colour = (token: string) => theme.getPropertyValue(token).trim()
  const axis: uPlot.Axis = {
    stroke: colour('--quiet'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: `12px ${colour('--sans')}`,
  }
  return {
    legend: { show: false },
    cursor: { points: { show: false }, drag: { x: false, y: false } },
    // Amounts begin at zero, so that a small change does not look like a large one.
    scales: {
      x: { range: (_, first, last) => [first - width / 2000, last + width / 2000] },
      y: { range: (_, _low, high) => [0, Math.max(least, (high ?? 0) * 1.1)] },
    },
    axes: [
      { ...axis, size: 40 },
      { ...axis, size: 64, values: (_, splits) => splits.map(format) },
    ],
    series: [
      {},
      ...series.map(({ label, colour: token }) => ({
        label,
        stroke: colour(token),
        width: 2,
        points: { show: true, size: 5, fill: colour(token) },
      })),
    ],
  }
}

const DARK = matchMedia('(prefers-color-scheme: dark)')

/** A canvas has to be drawn again when the colours change. */
function useScheme(): boolean {
  const [isDark, setDark] = useState(DARK.matches)
  useEffect(() => {
    const onChange = () => setDark(DARK.matches)
    DARK.addEventListener('change', onChange)
    return () => DARK.removeEventListener('change', onChange)
  }, [])
  return isDark
}
