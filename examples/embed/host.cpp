// The kernels from a host without any JavaScript: C++ and WABT's interpreter. The same network as
// raw.mjs learns the same, to the same bits.
// Build: c++ -std=c++17 -O2 host.cpp -lwabt -o host   (Debian's package wabt has header and library)
// Run:   ./host path/to/strict.wasm
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "wabt/binary-reader.h"
#include "wabt/interp/binary-reader-interp.h"
#include "wabt/interp/interp.h"

using namespace wabt;
using namespace wabt::interp;

namespace {

/** The exports of a build over a memory of the host's. */
class Kernels {
 public:
  Kernels(const std::string& file, u64 pages) {
    std::ifstream stream(file, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
    Errors errors;
    ModuleDesc desc;
    const ReadBinaryOptions options(store_.features(), nullptr, false, true, true);
    if (Failed(ReadBinaryInterp(file, bytes.data(), bytes.size(), options, &errors, &desc))) {
      throw file + ": expected a WebAssembly module";
    }
    memory_ = Memory::New(store_, MemoryType{Limits{pages}});
    const auto module = Module::New(store_, desc);
    Trap::Ptr trap;
    instance_ = Instance::Instantiate(store_, module.ref(), {memory_.ref()}, &trap);
    if (trap) throw trap->message();
    for (const auto& [type, index] : module->desc().exports) exports_[type.name] = index;
  }

  template <typename T>
  T* at(u32 address) {
    return reinterpret_cast<T*>(memory_->UnsafeData() + address);
  }

  /** Calls an export. Values know no types, so the signature says how each number is passed. */
  template <typename... Numbers>
  void operator()(const std::string& name, Numbers... numbers) {
    const auto function = store_.UnsafeGet<Func>(instance_->funcs()[exports_.at(name)]);
    const std::vector<double> given{static_cast<double>(numbers)...};
    Values arguments;
    for (size_t i = 0; i < given.size(); i++) {
      arguments.push_back(value(function->type().params[i], given[i]));
    }
    Values results;
    Trap::Ptr trap;
    if (Failed(function->Call(store_, arguments, results, &trap))) throw trap->message();
  }

 private:
  static Value value(ValueType type, double number) {
    if (type == ValueType::F32) return Value::Make(static_cast<f32>(number));
    if (type == ValueType::F64) return Value::Make(number);
    return Value::Make(static_cast<u32>(static_cast<s64>(number)));
  }

  Store store_;
  Memory::Ptr memory_;
  Instance::Ptr instance_;
  std::map<std::string, Index> exports_;
};

constexpr u32 BATCH = 4, INPUTS = 2, HIDDEN = 8;
constexpr u32 WEIGHTS = INPUTS * HIDDEN + HIDDEN + HIDDEN + 1;

/** Places in memory, one after the other from byte 64 on, each of so many floats. */
u32 end = 64;
u32 place(u32 floats) {
  const u32 at = end;
  end += 4 * floats;
  return at;
}

const u32 x = place(BATCH * INPUTS), t = place(BATCH), share = place(1), loss = place(1);
const u32 W1 = place(INPUTS * HIDDEN), b1 = place(HIDDEN), W2 = place(HIDDEN), b2 = place(1);
const u32 dW1 = place(INPUTS * HIDDEN), db1 = place(HIDDEN), dW2 = place(HIDDEN), db2 = place(1);
const u32 m = place(WEIGHTS), v = place(WEIGHTS);
const u32 h = place(BATCH * HIDDEN), dh = place(BATCH * HIDDEN);
const u32 z = place(BATCH), dz = place(BATCH), losses = place(BATCH), scratch = end;

/** h = tanh(x·W1 + b1), z = h·W2 + b2 and the mean loss. */
void forward(Kernels& k) {
  k("sgemm", 0, 0, BATCH, HIDDEN, INPUTS, 1, x, INPUTS, W1, HIDDEN, 0, h, HIDDEN, scratch);
  for (u32 row = h; row < h + 4 * BATCH * HIDDEN; row += 4 * HIDDEN) {
    k("add", row, 1, b1, 1, row, HIDDEN);
  }
  k("tanh", h, h, BATCH * HIDDEN, 0);
  k("sgemm", 0, 0, BATCH, 1, HIDDEN, 1, h, HIDDEN, W2, 1, 0, z, 1, scratch);
  k("add", z, 1, b2, 0, z, BATCH);
  k("binaryCrossEntropyLogits", z, t, losses, BATCH);
  k("sum", losses, loss, 1, BATCH, 1, 1.0 / BATCH);
}

void backward(Kernels& k) {
  k("binaryCrossEntropyLogitsGrad", z, t, share, dz, BATCH);
  k("sgemm", 1, 0, HIDDEN, 1, BATCH, 1, h, HIDDEN, dz, 1, 0, dW2, 1, scratch);
  k("sum", dz, db2, 1, BATCH, 1, 1);
  k("sgemm", 0, 1, BATCH, HIDDEN, 1, 1, dz, 1, W2, 1, 0, dh, HIDDEN, scratch);
  k("tanhGrad", h, dh, dh, BATCH * HIDDEN, 0);
  k("sgemm", 1, 0, INPUTS, HIDDEN, BATCH, 1, x, INPUTS, dh, HIDDEN, 0, dW1, HIDDEN, scratch);
  k("sum", dh, db1, 1, BATCH, HIDDEN, 1);
}

void train(Kernels& k) {
  const float inputs[] = {0, 0, 0, 1, 1, 0, 1, 1}, targets[] = {0, 1, 1, 0};
  std::memcpy(k.at<float>(x), inputs, sizeof inputs);
  std::memcpy(k.at<float>(t), targets, sizeof targets);
  *k.at<float>(share) = 1.0f / BATCH;
  k("randomUniform", W1, INPUTS * HIDDEN, -1, 1, 7, 0, 0);
  k("randomUniform", W2, HIDDEN, -1, 1, 7, 0, 1);
  double power1 = 1, power2 = 1;
  for (int step = 1; step <= 300; step++) {
    forward(k);
    backward(k);
    power1 *= 0.9;
    power2 *= 0.999;
    k("adam", W1, dW1, m, v, WEIGHTS, 0.05, 0.9, 0.999, 1e-8, 1 - power1, 1 - power2);
    if (step % 100 == 0) std::printf("step %d: loss %.6f\n", step, *k.at<float>(loss));
  }
}

void report(Kernels& k) {
  k("sigmoid", z, z, BATCH, 0);
  const float* p = k.at<float>(z);
  std::printf("0^0 0^1 1^0 1^1: %.4f %.4f %.4f %.4f\n", p[0], p[1], p[2], p[3]);
  // FNV-1a over the weights' bytes.
  u32 hash = 0x811c9dc5;
  for (u32 i = 0; i < 4 * WEIGHTS; i++) hash = (hash ^ *k.at<u8>(W1 + i)) * 0x01000193;
  std::printf("weights %08x\n", hash);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: host file.wasm\n");
    return 2;
  }
  try {
    Kernels kernels(arguments[1], 2);
    train(kernels);
    report(kernels);
  } catch (const std::string& error) {
    std::fprintf(stderr, "%s\n", error.c_str());
    return 1;
  }
  return 0;
}
