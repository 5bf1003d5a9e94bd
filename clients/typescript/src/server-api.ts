import type { DriftReport } from './answers/drift.js';
import type {
  LabelledImages,
  LabelledPrediction,
  PredictionFilter,
  PredictionPage,
  PredictionSort,
  Statistics,
  StoredPrediction,
  StoredTruth,
  Truth,
} from './answers/history.js';
import type {
  Evaluation,
  EvaluationRequest,
  EvaluationSummary,
  MistakeFilter,
  MistakePage,
  RetrainRequest,
  RetrainStatus,
  TrainingData,
  TrainingJob,
  Upload,
} from './answers/learning.js';
import type {
  CreatedModel,
  Model,
  ModelInfo,
  ModelVersionDetail,
  NewModel,
  Traffic,
  TrafficRequest,
} from './answers/models.js';
import type { Health } from './answers/server.js';
import { type ClientOptions, exchange, fetchFrom, type Message, queryOf } from './transport.js';

/** A JSON object with these fields is taken for an answer of the type. */
function has<Answer>(...fields: (keyof Answer & string)[]): (value: unknown) => value is Answer {
  return (value): value is Answer =>
    typeof value === 'object' && value !== null && fields.every((field) => field in value);
}

const isTraffic = has<Traffic>('active_version', 'versions');
const isActivation = has<{ active_version: number }>('active_version');

/** All of the server but its predictions: history, models, traffic, training, evaluation. docs/api.md explains each.
 * Every method throws FoveaError, as rejection. */
export class ServerApi {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = { ...options, url: options.url.replace(/\/+$/, '') };
  }

  health(): Promise<Health> {
    return this.#get('/api/health', has<Health>('status', 'models'));
  }

  async models(): Promise<readonly Model[]> {
    return (await this.#get('/api/models', has<{ models: readonly Model[] }>('models'))).models;
  }

  version(model: string, version: number): Promise<ModelVersionDetail> {
    return this.#get(`${modelPath(model)}/versions/${version}`, has<ModelVersionDetail>('version', 'curves'));
  }

  modelInfo(query: { model?: string; version?: number } = {}): Promise<ModelInfo> {
    return this.#get('/api/model/info', has<ModelInfo>('model', 'class_names'), query);
  }

  statistics(query: { model?: string; version?: number } = {}): Promise<Statistics> {
    return this.#get('/api/statistics', has<Statistics>('total_predictions'), query);
  }

  predictions(
    query: PredictionFilter & {
      readonly limit?: number;
      readonly before?: string;
      readonly sort?: PredictionSort;
    } = {},
  ): Promise<PredictionPage> {
    return this.#get('/api/predictions', has<PredictionPage>('predictions', 'next'), { ...query });
  }

  prediction(id: string): Promise<StoredPrediction> {
    return this.#get(`/api/predictions/${encodeURIComponent(id)}`, has<StoredPrediction>('id', 'timestamp'));
  }

  /** The image of a prediction, where the server keeps images. */
  async predictionImage(id: string, signal?: AbortSignal): Promise<Blob> {
    const path = `/api/predictions/${encodeURIComponent(id)}/image`;
    return (await fetchFrom(this.#options, { method: 'GET', path, signal })).blob();
  }

  /** All predictions that match, as a file. */
  async export(format: 'ndjson' | 'csv', filter: PredictionFilter = {}): Promise<Blob> {
    const query = { ...filter, format };
    return (await fetchFrom(this.#options, { method: 'GET', path: '/api/predictions/export', query })).blob();
  }

  feedback(id: string, truth: Truth): Promise<StoredTruth> {
    const path = `/api/predictions/${encodeURIComponent(id)}/feedback`;
    return this.#send('POST', path, has<StoredTruth>('prediction_id'), truth);
  }

  drift(query: { model?: string; version?: number; window?: 'hour' | 'day' } = {}): Promise<DriftReport> {
    return this.#get('/api/drift', has<DriftReport>('state', 'signals', 'over_time'), query);
  }

  activate(model: string, version: number): Promise<{ readonly active_version: number }> {
    return this.#send('POST', `${modelPath(model)}/versions/${version}/activate`, isActivation);
  }

  rollBack(model: string): Promise<{ readonly active_version: number }> {
    return this.#send('POST', `${modelPath(model)}/rollback`, isActivation);
  }

  rescan(): Promise<{ readonly added: readonly string[] }> {
    return this.#send('POST', '/api/models/rescan', has<{ added: readonly string[] }>('added'));
  }

  traffic(model: string): Promise<Traffic> {
    return this.#get(`${modelPath(model)}/traffic`, isTraffic);
  }

  setTraffic(model: string, wanted: TrafficRequest): Promise<Traffic> {
    return this.#send('PUT', `${modelPath(model)}/traffic`, isTraffic, wanted);
  }

  promote(model: string): Promise<Traffic> {
    return this.#send('POST', `${modelPath(model)}/traffic/promote`, isTraffic);
  }

  abortTraffic(model: string): Promise<Traffic> {
    return this.#send('POST', `${modelPath(model)}/traffic/abort`, isTraffic);
  }

  /** Starts an evaluation and does not wait for its end. */
  async evaluate(wanted: EvaluationRequest): Promise<EvaluationSummary> {
    const isStarted = has<{ evaluation: EvaluationSummary }>('evaluation');
    return (await this.#send('POST', '/api/model/evaluate?wait=false', isStarted, wanted)).evaluation;
  }

  /** @param query `mistakes`: most mistakes of the answer; default: all that were kept */
  evaluation(id: string, query: { readonly mistakes?: number } = {}): Promise<Evaluation> {
    return this.#get(
      `/api/evaluations/${encodeURIComponent(id)}`,
      has<Evaluation>('state', 'progress'),
      query,
    );
  }

  mistakes(id: string, filter: MistakeFilter = {}): Promise<MistakePage> {
    const path = `/api/evaluations/${encodeURIComponent(id)}/mistakes`;
    return this.#get(path, has<MistakePage>('total', 'mistakes'), { ...filter });
  }

  evaluations(query: { model?: string; version?: number; limit?: number } = {}): Promise<{
    readonly running: EvaluationSummary | null;
    readonly evaluations: readonly EvaluationSummary[];
  }> {
    type List = { running: EvaluationSummary | null; evaluations: readonly EvaluationSummary[] };
    return this.#get('/api/evaluations', has<List>('running', 'evaluations'), query);
  }

  retrain(wanted: RetrainRequest): Promise<{ readonly job: string }> {
    return this.#send('POST', '/api/retrain', has<{ job: string }>('job'), wanted);
  }

  retrainStatus(): Promise<RetrainStatus> {
    return this.#get('/api/retrain/status', has<RetrainStatus>('is_retraining', 'job'));
  }

  async cancelRetraining(): Promise<TrainingJob> {
    return await this.#send('DELETE', '/api/retrain', has<TrainingJob>('id', 'state'));
  }

  trainingData(query: { model?: string; limit?: number } = {}): Promise<TrainingData> {
    return this.#get('/api/training-data', has<TrainingData>('totals'), query);
  }

  async uploads(): Promise<readonly Upload[]> {
    return (await this.#get('/api/uploads', has<{ uploads: readonly Upload[] }>('uploads'))).uploads;
  }

  removeUpload(id: string): Promise<{ readonly images_removed: number }> {
    const path = `/api/uploads/${encodeURIComponent(id)}`;
    return this.#send('DELETE', path, has<{ images_removed: number }>('images_removed'));
  }

  /** Takes the kept images of predictions with feedback into the training data. */
  addFeedbackImages(model: string): Promise<{ readonly files_saved: number }> {
    const isAdded = has<{ files_saved: number }>('files_saved');
    return this.#send('POST', '/api/training-data/from-feedback', isAdded, { model });
  }

  /** Labels predictions and adds their kept images to the training data: all, or none. */
  labelPredictions(model: string, images: readonly LabelledPrediction[]): Promise<LabelledImages> {
    const path = '/api/training-data/from-predictions';
    return this.#send('POST', path, has<LabelledImages>('files_saved', 'results'), { model, images });
  }

  /** Creates a model without a version on the network of another one. */
  createModel(wanted: NewModel): Promise<CreatedModel> {
    return this.#send('POST', '/api/models', has<CreatedModel>('model'), wanted);
  }

  /** Where images are uploaded: a form with `files` and `labels`, or an archive. */
  uploadUrl(model: string): string {
    return `${this.#options.url}/api/upload/training-data${queryOf({ model })}`;
  }

  /** Where models are imported: a form with `files` and the fields of docs/models.md; the answer is an `ImportReport`. */
  importUrl(): string {
    return `${this.#options.url}/api/models/import`;
  }

  #get<Answer>(
    path: string,
    isAnswer: Message<Answer>['isAnswer'],
    query?: Message<Answer>['query'],
  ): Promise<Answer> {
    return exchange(this.#options, { method: 'GET', path, query, isAnswer });
  }

  #send<Answer>(
    method: Message<Answer>['method'],
    path: string,
    isAnswer: Message<Answer>['isAnswer'],
    json?: unknown,
  ): Promise<Answer> {
    return exchange(this.#options, { method, path, json, isAnswer });
  }
}

function modelPath(model: string): string {
  return `/api/models/${encodeURIComponent(model)}`;
}
