set -e
put() {
  cat <<END
not_code() { }
END
}
function size { :; }
function clear() ( : )
{
  # Sells.
  sell() { :; }
}
if true; then
  wait_for() { :; }
fi
