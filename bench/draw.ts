/* Charts as SVG files, drawn by ECharts, which needs no browser for them. */
import * as echarts from 'echarts';

const SIZE = { width: 760, height: 400 };

export function draw(option: echarts.EChartsOption): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, ...SIZE });
  try {
    chart.setOption({ animation: false, backgroundColor: '#fff', ...option });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
