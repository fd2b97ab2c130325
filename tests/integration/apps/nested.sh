#!/bin/sh
# A compositor in the instance, drawing with GL, whose clients draw with GL: all through the stack.
socket="nested-$$"
weston --backend=wayland-backend.so --width=1100 --height=650 --socket="$socket" --idle-time=0 &
tries=0
until [ -S "$XDG_RUNTIME_DIR/$socket" ] || [ $tries -ge 100 ]; do sleep 0.1; tries=$((tries + 1)); done
WAYLAND_DISPLAY="$socket" es2gears_wayland &
WAYLAND_DISPLAY="$socket" weston-simple-egl &
wait
