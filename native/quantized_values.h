#pragma once

#include <dnnl.hpp>
#include <set>

#include "plan.h"

namespace fovea {

/** Which values of a plan are stored in int8, and how. */
class QuantizedValues {
 public:
  /** @param plan must live as long. Of another precision than int8 no value is stored in it. */
  explicit QuantizedValues(const Plan& plan);

  bool Has(ValueId id) const { return values_.count(id) > 0; }
  /** u8, or s8 for values that can be negative. */
  dnnl::memory::data_type TypeOf(ValueId id) const;
  /** real number = stored number * scale
   * @throws std::invalid_argument for a value without a range */
  float ScaleOf(ValueId id) const;
  /** Whether a step adds two values of the same shape. */
  bool IsSum(const Step& step) const;
  /** If a ReLU is the only reader of a sum, the sum computes it too: then that ReLU, else the sum. */
  const Step& EndOf(const Step& sum) const;

 private:
  bool Makes(const Step& step) const;
  bool Reads(const Step& step) const;
  const Range* RangeOf(ValueId id) const;

  const Plan& plan_;
  std::set<ValueId> values_;
};

}  // namespace fovea
