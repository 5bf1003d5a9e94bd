{
  # deps/ is laid by set-up: include/ and lib/ of oneDNN 3. oneDNN picks its kernels at run time, so nothing here
  # depends on the processor of the machine that builds.
  'variables': { 'sanitize%': 'no' },
  'targets': [
    {
      'target_name': 'fovea_native',
      'sources': [
        'addon.cc',
        'activation.cc',
        'arena.cc',
        'builder.cc',
        'concat.cc',
        'convolution.cc',
        'dense.cc',
        'elementwise.cc',
        'instance.cc',
        'model.cc',
        'padding.cc',
        'pixels.cc',
        'pooling.cc',
        'processor.cc',
        'program.cc',
        'read_plan.cc',
        'scale_shift.cc',
        'weights.cc',
      ],
      'include_dirs': ["<!(node -p \"require('node-addon-api').include_dir\")", 'deps/include'],
      'defines': ['NAPI_VERSION=8', 'NODE_ADDON_API_CPP_EXCEPTIONS'],
      'cflags_cc': ['-std=c++17', '-O2', '-Wall', '-Wextra', '-Werror', '-fvisibility=hidden'],
      'cflags_cc!': ['-fno-exceptions', '-fno-rtti', '-std=gnu++17', '-std=gnu++20', '-std=gnu++2a'],
      'libraries': ['-L<(module_root_dir)/deps/lib', '-ldnnl', '-lgomp'],
      # Threads of OpenMP outlive the worker that started them: the code under them must stay.
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
