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
/** Twice as many pixels as the chart's own: sharp on today's screens. */
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
    // Else its clock ticks on.
    canvas.dispose();
  }
}

/** Draws a chart as PNG. Takes tens of milliseconds, and libvips' reader of SVG, which a server that decodes images of
 * strangers must not have: it wants a process of its own. */
export async function drawChart(chart: Chart): Promise<Uint8Array<ArrayBuffer>> {
  const png = await sharp(Buffer.from(toSvg(optionOf(chart))), { density: DENSITY })
    .png({ palette: true })
    .toBuffer();
  return Uint8Array.from(png);
}
