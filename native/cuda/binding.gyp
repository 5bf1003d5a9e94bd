{
  # Set-up creates native/cuda/deps with the headers and libraries of CUDA's runtime, NVRTC, cuBLASLt and cuDNN. The build
  # needs no card: NVRTC compiles the kernels for the present card when a model is loaded.
  'targets': [
    {
      'target_name': 'fovea_cuda',
      'sources': [
        'addon.cc',
        'builder.cc',
        'convolution.cc',
        'convolution_graph.cc',
        'instance.cc',
        'kernels.cc',
        'matrix_product.cc',
        'model.cc',
        'own_steps.cc',
        'status.cc',
        'tuner.cc',
        'types.cc',
        'weights.cc',
        '../place_buffers.cc',
        '../read_plan.cc',
      ],
      'include_dirs': ["<!(node -p \"require('node-addon-api').include_dir\")", 'deps/include'],
      'defines': ['NAPI_VERSION=8', 'NODE_ADDON_API_CPP_EXCEPTIONS'],
      'cflags_cc': ['-std=c++17', '-O2', '-Wall', '-Wextra', '-Werror', '-fvisibility=hidden'],
      'cflags_cc!': ['-fno-exceptions', '-fno-rtti', '-std=gnu++17', '-std=gnu++20', '-std=gnu++2a'],
      'libraries': [
        '-L<(module_root_dir)/deps/nvidia/cuda_runtime/lib', '-l:libcudart.so.12',
        '-L<(module_root_dir)/deps/nvidia/cublas/lib', '-l:libcublasLt.so.12',
        '-L<(module_root_dir)/deps/nvidia/cudnn/lib', '-l:libcudnn.so.9',
        '-L<(module_root_dir)/deps/nvidia/nvrtc/lib', '-l:libnvrtc.so.12',
      ],
      'ldflags': [
        "-Wl,-rpath,'$$ORIGIN/../../deps/nvidia/cuda_runtime/lib'",
        "-Wl,-rpath,'$$ORIGIN/../../deps/nvidia/cublas/lib'",
        "-Wl,-rpath,'$$ORIGIN/../../deps/nvidia/cudnn/lib'",
        "-Wl,-rpath,'$$ORIGIN/../../deps/nvidia/nvrtc/lib'",
        '-Wl,-z,nodelete',
      ],
    },
  ],
}
