import airplane from '../../../samples/airplane.jpg';
import automobile from '../../../samples/automobile.jpg';
import bird from '../../../samples/bird.jpg';
import cat from '../../../samples/cat.jpg';
import chelsea from '../../../samples/chelsea.jpg';
import deer from '../../../samples/deer.jpg';
import dog from '../../../samples/dog.jpg';
import frog from '../../../samples/frog.jpg';
import horse from '../../../samples/horse.jpg';
import ship from '../../../samples/ship.jpg';
import truck from '../../../samples/truck.jpg';
import { assetUrl } from '../../state/server.js';
import { attempt } from '../../state/toasts.js';
import { strings } from '../../strings.js';
import { addImages } from './results.js';

/** Test images of CIFAR-10, and Chelsea, a cat (photograph by Stéfan van der Walt, CC0). */
const SAMPLES = {
  chelsea,
  airplane,
  automobile,
  bird,
  cat,
  deer,
  dog,
  frog,
  horse,
  ship,
  truck,
} as const;

async function classifySample(name: string, file: string): Promise<void> {
  const image = await (await fetch(assetUrl(file))).blob();
  addImages([{ name, image }]);
}

export function Samples() {
  return (
    <div class="samples">
      {Object.entries(SAMPLES).map(([name, file]) => (
        <button
          key={name}
          type="button"
          class="sample"
          aria-label={strings.predict.sample(name)}
          title={name}
          onClick={() => void attempt(() => classifySample(name, file))}
        >
          <img src={assetUrl(file)} alt="" loading="lazy" />
        </button>
      ))}
    </div>
  );
}
