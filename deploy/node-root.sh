# shellcheck shell=bash
# Sourced by deploy/verify-*.sh.

# Puts Node with its headers, this machine's npm, and this machine's certificates and settings of npm and pip into a folder that
# debootstrap made. Addons are compiled with the headers beside Node; where there are none, node-gyp downloads them.
install_node() { # ROOT NODE
  local root=$1 node=$2 headers npm file
  mkdir -p "$root/usr/local/bin" "$root/usr/local/lib" "$root/usr/local/include"
  install -m 755 "$node" "$root/usr/local/bin/node"
  headers=$(dirname "$node")/../include/node
  [ ! -d "$headers" ] || cp -rLT "$headers" "$root/usr/local/include/node"
  npm=$(dirname "$(readlink -f "$(command -v npm)")")/..
  rm -rf "$root/usr/local/lib/npm"
  cp -rL "$npm" "$root/usr/local/lib/npm"
  ln -sf ../lib/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  [ -e "$root/etc/hosts" ] || echo '127.0.0.1 localhost' >"$root/etc/hosts"
  for file in /etc/pip.conf "$HOME/.npmrc" "${PIP_CERT:-}" "${NODE_EXTRA_CA_CERTS:-}" "$(npm config get cafile)"; do
    [ ! -f "$file" ] || install -D "$file" "$root$file"
  done
}
