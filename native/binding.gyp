{
  # Set-up creates deps/ with include/ and lib/ of oneDNN 3. oneDNN chooses its kernels at run time, so the build does not
  # depend on the processor of the building machine.
  'variables': {
    'sanitize%': 'no',
    # GCC's header of AVX-512 uses undefined vectors on purpose, and GCC warns about them.
    'kernel_flags': [
      '-std=c++17', '-O2', '-fPIC', '-Wall', '-Wextra', '-Werror', '-fvisibility=hidden', '-Wno-uninitialized',
      '-Wno-maybe-uninitialized',
    ],
  },
  'targets': [
    # One target per instruction set. The addon calls each only on processors that have its instructions.
    {
      'target_name': 'winograd_avx2',
      'type': 'static_library',
      'sources': ['winograd_avx2.cc'],
      'cflags_cc': ['<@(kernel_flags)'],
      'conditions': [['target_arch=="x64"', { 'cflags_cc': ['-mavx2', '-mfma'] }]],
    },
    {
      'target_name': 'winograd_float32',
      'type': 'static_library',
      'sources': ['winograd_float32.cc'],
      'cflags_cc': ['<@(kernel_flags)'],
      'conditions': [['target_arch=="x64"', { 'cflags_cc': ['-mavx512f', '-mavx512bw', '-mavx512vl'] }]],
    },
    {
      'target_name': 'winograd_bfloat16',
      'type': 'static_library',
      'sources': ['winograd_bfloat16.cc'],
      'cflags_cc': ['<@(kernel_flags)'],
      'conditions': [['target_arch=="x64"', { 'cflags_cc': ['-mavx512f', '-mavx512bw', '-mavx512vl', '-mavx512bf16'] }]],
    },
    {
      'target_name': 'winograd_uint8',
      'type': 'static_library',
      'sources': ['winograd_uint8.cc'],
      'cflags_cc': ['<@(kernel_flags)'],
      'conditions': [['target_arch=="x64"', { 'cflags_cc': ['-mavx512f', '-mavx512bw', '-mavx512vl', '-mavx512vnni'] }]],
    },
    {
      'target_name': 'pointwise_avx2',
      'type': 'static_library',
      'sources': ['pointwise_avx2.cc'],
      'cflags_cc': ['<@(kernel_flags)'],
      'conditions': [['target_arch=="x64"', { 'cflags_cc': ['-mavx2', '-mfma'] }]],
    },
    {
      'target_name': 'pointwise_avx512',
      'type': 'static_library',
      'sources': ['pointwise_avx512.cc'],
      'cflags_cc': ['<@(kernel_flags)'],
      'conditions': [['target_arch=="x64"', { 'cflags_cc': ['-mavx512f', '-mavx512bw', '-mavx512vl'] }]],
    },
    {
      # -O3, because its inner loops are worth vectors. -fwrapv, because the sums of damaged files overflow.
      'target_name': 'pictures',
      'type': 'static_library',
      'sources': [
        'image_statistics.cc',
        'jpeg.cc',
        'jpeg_file.cc',
        'jpeg_huffman.cc',
        'jpeg_scan.cc',
        'orientation.cc',
        'photo.cc',
        'picture_avx2.cc',
        'picture_baseline.cc',
        'picture_kernels.cc',
        'resample.cc',
        'row_resampler.cc',
        'small_jpeg.cc',
      ],
      'cflags_cc': ['-std=c++17', '-O3', '-fwrapv', '-fPIC', '-Wall', '-Wextra', '-Werror', '-fvisibility=hidden'],
      'cflags_cc!': ['-fno-exceptions', '-fno-rtti', '-std=gnu++17', '-std=gnu++20', '-std=gnu++2a', '-O2'],
      'conditions': [
        ['sanitize=="yes"', { 'cflags_cc': ['-fsanitize=address,undefined', '-fno-sanitize-recover=undefined', '-g'] }],
      ],
    },
    {
      # Uses V8 beside Node-API, so that it fits one version of Node only; the rest of native/ fits all.
      'target_name': 'fovea_connection',
      'sources': ['connection.cc'],
      'cflags_cc': ['-O2', '-Wall', '-fvisibility=hidden'],
    },
    {
      'target_name': 'fovea_native',
      # A file of joined/ includes several sources, because each of them alone spends most of its compilation on the headers of
      # oneDNN and Node-API.
      'sources': [
        'arena.cc',
        'inflate.cc',
        'joined/addon.cc',
        'joined/images.cc',
        'joined/model.cc',
        'joined/steps.cc',
        'place_buffers.cc',
        'png.cc',
        'team.cc',
        'winograd_filter.cc',
      ],
      'dependencies': [
        'winograd_avx2', 'winograd_float32', 'winograd_bfloat16', 'winograd_uint8', 'pointwise_avx2', 'pointwise_avx512', 'pictures',
      ],
      'include_dirs': ["<!(node -p \"require('node-addon-api').include_dir\")", 'deps/include'],
      'defines': ['NAPI_VERSION=8', 'NODE_ADDON_API_CPP_EXCEPTIONS'],
      'cflags_cc': ['-std=c++17', '-O2', '-Wall', '-Wextra', '-Werror', '-fvisibility=hidden', '-fopenmp'],
      'cflags_cc!': ['-fno-exceptions', '-fno-rtti', '-std=gnu++17', '-std=gnu++20', '-std=gnu++2a'],
      'libraries': ['-L<(module_root_dir)/deps/lib', '-ldnnl', '-lgomp'],
      # OpenMP's threads outlive the worker that started them, so the addon must never be unloaded.
      'ldflags': ["-Wl,-rpath,'$$ORIGIN/../../deps/lib'", '-Wl,-z,nodelete'],
      'conditions': [
        ['sanitize=="yes"', {
          'cflags_cc': ['-fsanitize=address,undefined', '-fno-sanitize-recover=undefined', '-fno-omit-frame-pointer', '-g'],
          'ldflags': ['-fsanitize=address,undefined'],
        }],
      ],
    },
  ],
}
