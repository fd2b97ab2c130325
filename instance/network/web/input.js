// Keyboard, mouse, touch and wheel of the page → input messages. Coordinates are pixels of the instance's output in 24.8
// fixed point; keys and buttons are Linux evdev codes.
"use strict";

const evdevKeys = (() => {
  const rows = {
    1: "Escape Digit1 Digit2 Digit3 Digit4 Digit5 Digit6 Digit7 Digit8 Digit9 Digit0 Minus Equal Backspace Tab KeyQ KeyW " +
       "KeyE KeyR KeyT KeyY KeyU KeyI KeyO KeyP BracketLeft BracketRight Enter ControlLeft KeyA KeyS KeyD KeyF KeyG KeyH " +
       "KeyJ KeyK KeyL Semicolon Quote Backquote ShiftLeft Backslash KeyZ KeyX KeyC KeyV KeyB KeyN KeyM Comma Period " +
       "Slash ShiftRight NumpadMultiply AltLeft Space CapsLock F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 NumLock ScrollLock " +
       "Numpad7 Numpad8 Numpad9 NumpadSubtract Numpad4 Numpad5 Numpad6 NumpadAdd Numpad1 Numpad2 Numpad3 Numpad0 " +
       "NumpadDecimal",
    86: "IntlBackslash F11 F12 IntlRo",
    92: "Convert KanaMode NonConvert",
    96: "NumpadEnter ControlRight NumpadDivide PrintScreen AltRight",
    102: "Home ArrowUp PageUp ArrowLeft ArrowRight End ArrowDown PageDown Insert Delete",
    117: "NumpadEqual",
    119: "Pause",
    124: "IntlYen MetaLeft MetaRight ContextMenu",
  };
  const codes = {};
  for (const [first, names] of Object.entries(rows))
    names.split(" ").forEach((name, i) => { codes[name] = Number(first) + i; });
  return codes;
})();

const evdevButtons = [0x110, 0x112, 0x111, 0x113, 0x114];   // left, middle, right, side, extra

// `send(channel, bytes)`: channel "input" or "motion". `hotkey(code)`: true when it was for the page.
function watchInput(video, send, hotkey) {
  const size = { width: 0, height: 0 };                     // of the output
  const touches = new Map();                                // identifier → number
  const held = new Set();
  const fixed = value => Math.round(value * 256);

  // From the page to the output, through the letterbox of object-fit: contain.
  function place(event) {
    const box = video.getBoundingClientRect();
    const width = size.width || video.videoWidth || 1, height = size.height || video.videoHeight || 1;
    const scale = Math.min(box.width / width, box.height / height) || 1;
    const clamp = (value, most) => Math.max(0, Math.min(most - 1 / 256, value));
    return { x: clamp((event.clientX - box.left - (box.width - width * scale) / 2) / scale, width),
             y: clamp((event.clientY - box.top - (box.height - height * scale) / 2) / scale, height), scale };
  }

  function releaseAll() {
    held.clear();
    touches.clear();
    send("input", messages.focus(false));
  }

  function handleKey(event, pressed) {
    const code = evdevKeys[event.code];
    if (event.ctrlKey && event.altKey && event.shiftKey && pressed && hotkey(event.code)) {
      event.preventDefault();
      releaseAll();
      return;
    }
    if (!code || event.target.tagName === "INPUT")
      return;
    event.preventDefault();
    if (event.repeat || pressed === held.has(code))          // the application repeats by itself
      return;
    pressed ? held.add(code) : held.delete(code);
    send("input", messages.key(code, pressed));
  }

  function handleMotion(event) {
    const at = place(event);
    send("motion", messages.motion(fixed(at.x), fixed(at.y), fixed(event.movementX / at.scale),
                                   fixed(event.movementY / at.scale)));
  }

  function handleButton(event, pressed) {
    const code = evdevButtons[event.button];
    if (!code)
      return;
    event.preventDefault();
    video.focus();
    if (document.pointerLockElement !== video) {              // the click is where the pointer is, whatever was lost
      const at = place(event);
      send("input", messages.motion(fixed(at.x), fixed(at.y), 0, 0));
    }
    send("input", messages.button(code, pressed));
  }

  function handleTouch(event, kind) {
    event.preventDefault();
    for (const touch of event.changedTouches) {
      if (kind === 0) {
        let free = 0;
        while ([...touches.values()].includes(free))
          free++;
        touches.set(touch.identifier, free);
      }
      const id = touches.get(touch.identifier), at = place(touch);
      if (id === undefined)
        continue;
      send(kind === 1 ? "motion" : "input", messages.touch(kind, id, fixed(at.x), fixed(at.y)));
      if (kind > 1)
        touches.delete(touch.identifier);
    }
  }

  function handleWheel(event) {
    const unit = [1, 15, 120][event.deltaMode];               // pixels, lines, pages
    event.preventDefault();
    // A notch of a wheel is about 120 pixels here, 120 fine steps and 10 units there.
    send("input", messages.axis(fixed(event.deltaX * unit / 12), fixed(event.deltaY * unit / 12),
                                Math.round(event.deltaX * unit), Math.round(event.deltaY * unit)));
  }

  window.addEventListener("keydown", event => handleKey(event, true));
  window.addEventListener("keyup", event => handleKey(event, false));
  window.addEventListener("blur", releaseAll);
  window.addEventListener("focus", () => send("input", messages.focus(true)));
  video.addEventListener("pointermove", event => {
    if (event.pointerType === "touch")
      return;
    for (const part of event.getCoalescedEvents && event.getCoalescedEvents().length
         && document.pointerLockElement === video ? event.getCoalescedEvents() : [event])
      handleMotion(part);
  });
  video.addEventListener("mousedown", event => handleButton(event, true));
  window.addEventListener("mouseup", event => handleButton(event, false));
  video.addEventListener("wheel", handleWheel, { passive: false });
  video.addEventListener("contextmenu", event => event.preventDefault());
  ["touchstart", "touchmove", "touchend", "touchcancel"].forEach(
    (name, kind) => video.addEventListener(name, event => handleTouch(event, kind), { passive: false }));
  return { size, releaseAll };
}
