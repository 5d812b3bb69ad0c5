import type { EChartsCoreOption } from 'echarts/core'
import type { Schemas } from '@/api/client'

/** Bars that lie, so that long labels stay readable; at most twelve. */
export function barOption(tallies: readonly Schemas['Tally'][]): EChartsCoreOption {
  const shown = tallies.slice(0, 12).toReversed()
  const style = getComputedStyle(document.documentElement)
  return {
    grid: { left: 8, right: 40, top: 8, bottom: 8, containLabel: true },
    tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' } },
    xAxis: { type: 'value', minInterval: 1 },
    yAxis: {
      type: 'category',
      data: shown.map((t) => t.label),
      axisLabel: { width: 130, overflow: 'truncate' },
    },
    series: [
      {
        type: 'bar',
        data: shown.map((t) => t.count),
        barMaxWidth: 18,
        label: { show: true, position: 'right' },
        itemStyle: { color: style.getPropertyValue('--color-primary').trim() },
      },
    ],
  }
}
