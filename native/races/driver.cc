#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "../instance.h"
#include "../model.h"
#include "../png.h"
#include "../processor.h"
#include "../resample.h"
#include "../team.h"

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::int64_t kSide = 16;
constexpr std::int64_t kChannels = 32;
constexpr std::int64_t kClasses = 10;
constexpr std::int64_t kLargestRows = 2;
constexpr std::int64_t kRows = 3;

/** -0.5 to 0.5 by place, the same in every run. */
std::vector<float> Numbers(std::int64_t count) {
  std::vector<float> numbers(static_cast<std::size_t>(count));
  for (std::size_t place = 0; place < numbers.size(); ++place)
    numbers[place] = static_cast<float>(place * 7919 % 101) / 101.f - 0.5f;
  return numbers;
}

/** The numbers of all plans, whose steps only refer to them. */
fovea::Floats Kept(std::vector<float> numbers) {
  static std::deque<std::vector<float>> all;
  const std::vector<float>& kept = all.emplace_back(std::move(numbers));
  return {kept.data(), kept.size()};
}

fovea::Step Convolution(fovea::ValueId input, std::int64_t in_channels, std::int64_t window) {
  fovea::Step step;
  step.op = fovea::Op::kConv2d;
  step.inputs = {input};
  step.output = input + 1;
  step.shape = {kSide, kSide, kChannels};
  step.activation.kind = fovea::ActivationKind::kRelu;
  const std::int64_t padding = window / 2;
  step.padding = {padding, padding, padding, padding};
  step.weights_shape = {window, window, in_channels, kChannels};
  step.weights = Kept(Numbers(window * window * in_channels * kChannels));
  step.bias = Numbers(kChannels);
  return step;
}

/** Three convolutions, of which the second fits Winograd's kernel and the third that of 1 × 1, their mean, and a dense layer. */
fovea::Plan MakePlan(fovea::Precision precision) {
  fovea::Plan plan;
  plan.input_shape = {kSide, kSide, 3};
  plan.pixels = {{1.0 / 255}, {0}, false};
  plan.steps = {Convolution(0, 3, 3), Convolution(1, kChannels, 3), Convolution(2, kChannels, 1)};
  fovea::Step mean;
  mean.op = fovea::Op::kGlobalAveragePool;
  mean.inputs = {3};
  mean.output = 4;
  mean.shape = {kChannels};
  fovea::Step dense;
  dense.op = fovea::Op::kDense;
  dense.inputs = {4};
  dense.output = 5;
  dense.shape = {kClasses};
  dense.activation.kind = fovea::ActivationKind::kSoftmax;
  dense.weights_shape = {kChannels, kClasses};
  dense.weights = Kept(Numbers(kChannels * kClasses));
  dense.bias = Numbers(kClasses);
  plan.steps.push_back(mean);
  plan.steps.push_back(dense);
  plan.output = 5;
  plan.classes = kClasses;
  plan.precision = precision;
  for (fovea::ValueId id = 0; id <= plan.output; ++id) plan.ranges[id] = {id == 0 ? 0.f : -8.f, id == 0 ? 1.f : 8.f};
  return plan;
}

void Fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::_Exit(1);
}

/** Opens once `count` threads have come. */
class Gate {
 public:
  explicit Gate(int count) : left_(count) {}
  void Pass() {
    for (--left_; left_ > 0;) std::this_thread::yield();
  }

 private:
  std::atomic<int> left_;
};

Bytes Pixels(std::int64_t count) {
  Bytes pixels(static_cast<std::size_t>(count));
  for (std::size_t place = 0; place < pixels.size(); ++place) pixels[place] = static_cast<std::uint8_t>(place * 31);
  return pixels;
}

/** As an inference thread does: takes the model that threads share, predicts by its own instance, and ends. */
std::vector<float> Predict(const std::string& key, const fovea::Plan& plan) {
  // TSan does not see how libgomp's threads wait for each other, so a batch has one thread.
  fovea::Instance instance(fovea::SharedModel(key, plan, kLargestRows, {1, 1}));
  const Bytes pixels = Pixels(kRows * kSide * kSide * 3);
  std::vector<float> probabilities(kRows * kClasses);
  for (int time = 0; time < 4; ++time) instance.Run({pixels.data(), nullptr}, kRows, probabilities.data());
  return probabilities;
}

/** As batches do that believe to be alone: the team runs their work, and their thread reads the result, or has to do without. */
void Lead() {
  for (int time = 0; time < 20; ++time) {
    const fovea::RunningBatch batch;
    std::vector<int> written(kRows, 0);
    const bool has_run = fovea::Team::OfProcess().TryRun(1, [&] { std::fill(written.begin(), written.end(), time + 1); });
    if (written != std::vector<int>(kRows, has_run ? time + 1 : 0)) Fail("the team's work is not what its batch reads");
  }
}

void AddChunk(Bytes& file, const char* name, const Bytes& content) {
  const auto add = [&](std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) file.push_back(static_cast<std::uint8_t>(number >> shift));
  };
  add(static_cast<std::uint32_t>(content.size()));
  const std::size_t start = file.size();
  file.insert(file.end(), name, name + 4);
  file.insert(file.end(), content.begin(), content.end());
  add(static_cast<std::uint32_t>(crc32(0, file.data() + start, static_cast<uInt>(file.size() - start))));
}

/** A grey PNG file of `side` × `side` black pixels. */
Bytes MakePng(std::uint8_t side) {
  const Bytes rows(std::size_t{side} * (side + 1u));
  Bytes packed(compressBound(rows.size()));
  uLongf length = packed.size();
  compress(packed.data(), &length, rows.data(), rows.size());
  packed.resize(length);
  Bytes file{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  AddChunk(file, "IHDR", {0, 0, 0, side, 0, 0, 0, side, 8, 0, 0, 0, 0});
  AddChunk(file, "IDAT", packed);
  AddChunk(file, "IEND", {});
  return file;
}

/** As libuv's threads do, each with pictures of its own. */
void Decode(std::uint8_t side) {
  const Bytes file = MakePng(side);
  const fovea::PictureForm form{side, side, 1};
  Bytes pixels(form.Bytes(), 1);
  if (!fovea::DecodePng(file.data(), file.size(), form, pixels.data())) Fail("a sound PNG file was refused");
  if (std::any_of(pixels.begin(), pixels.end(), [](std::uint8_t pixel) { return pixel != 0; })) Fail("a pixel is wrong");
  fovea::Resampling how;
  how.width = how.height = how.box_width = how.box_height = side;
  how.channels = 1;
  how.full_width = how.full_height = how.out_width = how.out_height = kSide;
  Bytes out(kSide * kSide);
  fovea::Resample(how, pixels.data(), out.data());
}

void Round(const std::string& key, const fovea::Plan& plan, const std::vector<float>& expected) {
  constexpr int kEach = 3;
  Gate gate(3 * kEach);
  std::vector<std::thread> threads;
  for (int number = 0; number < kEach; ++number) {
    threads.emplace_back([&] {
      gate.Pass();
      if (Predict(key, plan) != expected) Fail("a thread's probabilities differ");
    });
    threads.emplace_back([&] {
      gate.Pass();
      Lead();
    });
    threads.emplace_back([&, number] {
      gate.Pass();
      for (int time = 0; time < 20; ++time) Decode(static_cast<std::uint8_t>(20 + 7 * number + time));
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

/** `(seconds)`: instances of one model in several threads that begin and end at the same time, beside the team and decoding. */
int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: %s SECONDS\n", arguments[0]);
    return 2;
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(arguments[1]));
  const fovea::Plan plans[] = {MakePlan(fovea::Precision::kFloat32), MakePlan(fovea::Precision::kInt8)};
  const std::vector<float> expected[] = {Predict("float32", plans[0]), Predict("int8", plans[1])};
  int rounds = 0;
  for (; rounds < 2 || std::chrono::steady_clock::now() < end; ++rounds) {
    const int which = rounds % 2;
    Round(std::to_string(rounds), plans[which], expected[which]);
  }
  std::printf("%d rounds\n", rounds);
  return 0;
}
