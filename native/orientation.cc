#include "orientation.h"

#include <utility>

namespace fovea {

Resampling Orientation::Stored(const Resampling& upright) const {
  Resampling how = upright;
  if (MirrorsAcross()) {
    how.box_left = how.width - how.box_left - how.box_width;
    how.left = how.full_width - how.left - how.out_width;
  }
  if (MirrorsDown()) {
    how.box_top = how.height - how.box_top - how.box_height;
    how.top = how.full_height - how.top - how.out_height;
  }
  if (SwapsSides()) {
    std::swap(how.width, how.height);
    std::swap(how.box_left, how.box_top);
    std::swap(how.box_width, how.box_height);
    std::swap(how.full_width, how.full_height);
    std::swap(how.left, how.top);
    std::swap(how.out_width, how.out_height);
  }
  return how;
}

Target Orientation::Upright(const Target& target, const Resampling& upright) const {
  Target turned = target;
  if (MirrorsAcross()) {
    turned.pixels += (upright.out_width - 1) * turned.across;
    turned.across = -turned.across;
  }
  if (MirrorsDown()) {
    turned.pixels += (upright.out_height - 1) * turned.down;
    turned.down = -turned.down;
  }
  if (SwapsSides()) std::swap(turned.across, turned.down);
  return turned;
}

}  // namespace fovea
