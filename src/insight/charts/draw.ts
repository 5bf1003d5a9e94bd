import { type EChartsOption, init, setPlatformAPI } from 'echarts';
import sharp from 'sharp';
import type { Chart } from './chart.js';
import { calibrationOption } from './charts/calibration.js';
import { classDistributionOption } from './charts/class-distribution.js';
import { confidenceHistogramOption } from './charts/confidence-histogram.js';
import { confusionMatrixOption } from './charts/confusion-matrix.js';
import { driftOverTimeOption } from './charts/drift-over-time.js';
import { trainingCurvesOption } from './charts/training-curves.js';
import { measureText } from './measure-text.js';

const SIZE = { width: 900, height: 640 };
/** Dots per inch; twice the chart's own pixels, for high-density screens. */
const DENSITY = 144;

setPlatformAPI({ measureText });

function optionOf(chart: Chart): EChartsOption {
  switch (chart.kind) {
    case 'confusion_matrix':
      return confusionMatrixOption(chart);
    case 'training_curves':
      return trainingCurvesOption(chart);
    case 'class_distribution':
      return classDistributionOption(chart);
    case 'calibration':
      return calibrationOption(chart);
    case 'confidence_histogram':
      return confidenceHistogramOption(chart);
    case 'drift_over_time':
      return driftOverTimeOption(chart);
  }
}

function toSvg(option: EChartsOption): string {
  const canvas = init(null, null, { renderer: 'svg', ssr: true, ...SIZE });
  try {
    canvas.setOption(option);
    return canvas.renderToSVGString();
  } finally {
    // Without dispose, the chart's timer keeps the process alive.
    canvas.dispose();
  }
}

/**
 * Draws a chart as PNG in tens of milliseconds. Run it in a process of its own, because it needs libvips' SVG reader,
 * which a server that decodes untrusted images must not load.
 */
export async function drawChart(chart: Chart): Promise<Uint8Array<ArrayBuffer>> {
  const png = await sharp(Buffer.from(toSvg(optionOf(chart))), { density: DENSITY })
    .png({ palette: true })
    .toBuffer();
  return Uint8Array.from(png);
}
