/**
 * A wheel of the Python package index, pinned. The C library in it does not depend on the wheel's Python version, so one wheel
 * serves every host.
 * @typedef {object} Wheel
 * @property {string} requirement Name and version.
 * @property {string} platform The wheel's platform tag.
 * @property {string} sha256 The SHA-256 of the wheel.
 * @property {number} megabytes Size of the wheel.
 * @property {[from: string, to: string][]} take Path prefixes to unpack, and their targets.
 */

/** The libtensorflow that Fovea is built and tested with. */
export const TENSORFLOW_VERSION = '2.21.0';

/** The C interface, and the few headers that it includes. */
const HEADERS = ['tensorflow/c/', 'tensorflow/core/platform/ctstring', 'tsl/platform/ctstring', 'xla/tsl/c/'];

/**
 * Wheels whose libraries are looked for in another folder than the wheel's, and that folder. Without cuSOLVER, TensorFlow
 * ignores every GPU; without NVRTC, cuDNN lacks the engines that it compiles at run time.
 * @type {Record<string, string>}
 */
const SEARCHED = { cusolver: 'cublas', 'cuda-nvrtc': 'nvrtc' };

/** Wheels with another platform tag than `PLATFORM`.
 * @type {Record<string, string>} */
const PLATFORM_OF = {
  cublas: 'manylinux_2_27_x86_64',
  cudnn: 'manylinux_2_27_x86_64',
  'cuda-nvcc': 'manylinux2010_x86_64',
  'cuda-nvrtc': 'manylinux2010_x86_64',
};

/** An assembler for TensorFlow, and the headers that CUDA's others include. */
const NVCC = nvidia(
  'cuda-nvcc',
  '12.9.86',
  40,
  '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
);

/** Of CUDA; it knows the cards up to Blackwell. */
const CUDA_VERSION = '12.9';

/**
 * The libraries that native/cuda needs to build and run, in the folders where libtensorflow looks for them (`nvidia` below),
 * with all headers in one folder: `<platform>-<arch>` → wheels.
 * @type {Record<string, { name: string, wheels: Wheel[], neededMegabytes: number }>}
 */
export const CUDA = {
  'linux-x64': {
    name: `cuda-${CUDA_VERSION}-linux-x64`,
    neededMegabytes: 3010,
    wheels: [
      withHeaders(
        nvidia('cublas', '12.9.1.4', 581, '453611eb21a7c1f2c2156ed9f3a45b691deda0440ec550860290dc901af5b4c2'),
      ),
      withHeaders(
        nvidia('cudnn', '9.19.0.56', 657, 'ac6ad90a075bb33a94f2b4cf4622eac13dd4dc65cf6dd9c7572a318516a36625'),
      ),
      withHeaders(
        nvidia(
          'cuda-nvrtc',
          '12.9.86',
          89,
          '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
        ),
      ),
      withHeaders(
        nvidia(
          'cuda-runtime',
          '12.9.79',
          3,
          '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
        ),
      ),
      {
        ...NVCC,
        take: [['nvidia/cuda_nvcc/include/crt/', 'include/crt/']],
      },
      {
        ...nvidia(
          'cuda-cccl',
          '12.9.27',
          3,
          '37869e17ce2e1ecec6eddf1927cca0f8c34e64fd848d40453df559091e2d7117',
        ),
        take: [['nvidia/cuda_cccl/include/nv/', 'include/nv/']],
      },
    ],
  },
};

/**
 * The CUDA libraries that TensorFlow needs beyond those above: the lower bounds in its extra `and-cuda`.
 * @type {Wheel[]}
 */
const MORE_CUDA_LIBRARIES = [
  nvidia('cuda-cupti', '12.5.82', 14, 'bde77a5feb66752ec61db2adfe47f56b941842825b4c7e2068aff27c9d107953'),
  NVCC,
  nvidia('cufft', '11.2.3.61', 193, '9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8'),
  nvidia('curand', '10.3.6.82', 56, '2823fb27de4e44dbb22394a6adf53aa6e1b013aca0f8c22867d1cfae58405536'),
  nvidia('cusolver', '11.6.3.83', 130, '93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b'),
  nvidia('cusparse', '12.5.1.3', 218, '016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752'),
  nvidia('nccl', '2.27.7', 323, 'de5ba5562f08029a19cb1cd659404b18411ed0d6c90ac5f52f30bf99ad5809aa'),
  nvidia('nvjitlink', '12.5.82', 21, 'f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212'),
];

/**
 * The wheels of each build of libtensorflow: `<platform>-<arch>-<device>` → wheels.
 * @type {Record<string, { wheels: Wheel[], unpackedMegabytes: number }>}
 */
export const WHEELS = {
  'linux-x64-cpu': {
    unpackedMegabytes: 854,
    wheels: [
      tensorflow({
        name: 'tensorflow-cpu',
        platform: 'manylinux_2_27_x86_64',
        sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
        megabytes: 274,
      }),
    ],
  },
  'linux-arm64-cpu': {
    unpackedMegabytes: 884,
    wheels: [
      tensorflow({
        name: 'tensorflow',
        platform: 'manylinux_2_27_aarch64',
        sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
        megabytes: 282,
      }),
    ],
  },
  'linux-x64-cuda': {
    unpackedMegabytes: 2760,
    wheels: [
      tensorflow({
        name: 'tensorflow',
        platform: 'manylinux_2_27_x86_64',
        sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
        megabytes: 572,
      }),
      ...MORE_CUDA_LIBRARIES,
    ],
  },
};

/** Version of the wheels; oneDNN itself calls it 3.2.0. */
const ONEDNN_VERSION = '2023.2.0';

/**
 * The libraries that native/ needs to build and run, in the build that uses GNU's OpenMP: `<platform>-<arch>` → wheels.
 * @type {Record<string, { name: string, wheels: Wheel[], neededMegabytes: number }>}
 */
export const ONEDNN = {
  'linux-x64': {
    name: `onednn-${ONEDNN_VERSION}-linux-x64`,
    neededMegabytes: 95,
    wheels: [
      oneDnn('onednn-cpu-gomp', 39, '2f22a54d6a890ed14bfa185d42a4be65d8b5b1df85dc1f0f3a9abe31620416fb', [
        ['lib/libdnnl.so.3.2', 'lib/libdnnl.so.3'],
        ['share/doc/onednn/', 'share/doc/onednn/'],
      ]),
      oneDnn('onednn-devel-cpu-gomp', 1, '9763c69e8c907e119056bd52ad918ca84ac9ba939d130a99dfa95ccca3e5e284', [
        ['include/', 'include/'],
      ]),
    ],
  },
};

/**
 * @param {string} name
 * @param {number} megabytes
 * @param {string} sha256
 * @param {[from: string, to: string][]} paths Relative to the wheel's data folder.
 * @returns {Wheel}
 */
function oneDnn(name, megabytes, sha256, paths) {
  const data = `${name.replaceAll('-', '_')}-${ONEDNN_VERSION}.data/data`;
  return {
    requirement: `${name}==${ONEDNN_VERSION}`,
    platform: 'manylinux1_x86_64',
    sha256,
    megabytes,
    take: paths.map(([from, to]) => [`${data}/${from}`, to]),
  };
}

/**
 * @param {{ name: string, platform: string, sha256: string, megabytes: number }} pin
 * @returns {Wheel}
 */
function tensorflow({ name, ...pin }) {
  return {
    ...pin,
    requirement: `${name}==${TENSORFLOW_VERSION}`,
    take: [
      ['tensorflow/libtensorflow_', 'lib/libtensorflow_'],
      ...HEADERS.map(
        (path) => /** @type {[string, string]} */ ([`tensorflow/include/${path}`, `include/${path}`]),
      ),
    ],
  };
}

/**
 * libtensorflow_framework opens these at run time. It looks in `../nvidia/<name>/lib` as seen from its own folder (its
 * RUNPATH), and in `../nvidia/cuda_nvcc` for an assembler and a device library; cuDNN looks in `../../nvrtc/lib`.
 * @param {string} name
 * @param {string} version
 * @param {number} megabytes
 * @param {string} sha256
 * @returns {Wheel}
 */
function nvidia(name, version, megabytes, sha256) {
  const from = `nvidia/${name.replace('-', '_')}`;
  const to = `nvidia/${SEARCHED[name] ?? name.replace('-', '_')}`;
  const folders = name === 'cuda-nvcc' ? ['bin', 'nvvm'] : ['lib'];
  return {
    requirement: `nvidia-${name}-cu12==${version}`,
    platform: PLATFORM_OF[name] ?? 'manylinux2014_x86_64',
    sha256,
    megabytes,
    take: folders.map((folder) => [`${from}/${folder}/`, `${to}/${folder}/`]),
  };
}

/**
 * Adds the wheel's headers, in the common folder.
 * @param {Wheel} wheel
 * @returns {Wheel}
 */
function withHeaders(wheel) {
  const place = wheel.requirement.replace(/^nvidia-(.*)-cu12==.*$/, '$1').replace('-', '_');
  return { ...wheel, take: [...wheel.take, [`nvidia/${place}/include/`, 'include/']] };
}
