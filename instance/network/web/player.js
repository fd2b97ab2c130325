// The web player: an offer in WHEP's manner, the picture over the whole window, input back through data channels.
// Ctrl+Alt+Shift with S: statistics, M: lock the pointer for relative motion, X: full screen, Q: leave.
"use strict";

const element = id => document.getElementById(id);
const video = element("video");
const state = { connection: null, channels: {}, session: "", resume: "", roundTripUs: 0, instance: "", left: false,
                tries: 0, welcomed: false, unanswered: 0 };
window.droidcloud = state;                                   // for tests and the curious

function show(title, detail, what) {
  element("message").hidden = !title;
  element("title").textContent = title || "";
  element("detail").textContent = detail || "";
  element("ask").hidden = what !== "ask";
  element("again").hidden = what !== "again";
}

function send(channel, bytes) {
  const open = state.channels[channel];
  if (open && open.readyState === "open" && open.bufferedAmount < 65536)
    open.send(bytes);
}

const input = watchInput(video, send, code => {
  switch (code) {
  case "KeyS": element("stats").hidden = !element("stats").hidden; return true;
  case "KeyM": document.pointerLockElement ? document.exitPointerLock() : video.requestPointerLock(); return true;
  case "KeyX": document.fullscreenElement ? document.exitFullscreen() : document.body.requestFullscreen(); return true;
  case "KeyQ": leave("You left.", ""); return true;
  default: return false;
  }
});

function handleControl(event) {
  const message = messages.readControl(event.data);
  if (message.kind === "welcome") {
    state.instance = message.instance;
    state.welcomed = true;
    state.tries = 0;
    Object.assign(input.size, { width: message.width, height: message.height });
    document.title = message.instance + " – droidcloud";
    show("");
  } else if (message.kind === "pong") {
    state.roundTripUs = message.roundTripUs;
    state.unanswered = 0;
  } else if (message.kind === "bye" || message.kind === "refused") {
    leave(message.kind === "bye" ? "The session has ended." : "Refused.", message.reason || message.text || "");
  }
}

// The rate of this display in mHz, by a third of a second of it: one that displays have, when it is near one.
async function measureRefresh() {
  const times = [];
  await new Promise(resolve => {
    const tick = now => times.push(now) > 20 || now - times[0] > 1000 ? resolve() : requestAnimationFrame(tick);
    requestAnimationFrame(tick);
    setTimeout(resolve, 1500);                                // nothing is drawn in a hidden page
  });
  if (times.length < 15)
    return 0;
  const hz = 1000 * (times.length - 1) / (times[times.length - 1] - times[0]);
  const usual = [24, 25, 30, 48, 50, 60, 72, 75, 90, 100, 120, 144, 165, 240].find(rate => Math.abs(hz / rate - 1) < 0.03);
  return Math.round((usual || hz) * 1000);
}

function openChannels(connection) {
  const add = (label, id, options) => {
    const channel = connection.createDataChannel(label, { negotiated: true, id, ...options });
    channel.binaryType = "arraybuffer";
    state.channels[label] = channel;
    return channel;
  };
  const control = add("control", 0);
  control.onmessage = handleControl;
  control.onopen = async () => {
    const refreshMhz = await measureRefresh();
    if (control.readyState === "open" && refreshMhz)
      control.send(messages.hello(refreshMhz));
  };
  add("input", 1);
  add("motion", 2, { ordered: false, maxRetransmits: 0 });
  add("stats", 9);
}

// Nothing is held back for smoothness: the newest picture at once.
function hurry(receiver) {
  if ("jitterBufferTarget" in receiver)
    receiver.jitterBufferTarget = 0;
  if ("playoutDelayHint" in receiver)
    receiver.playoutDelayHint = 0;
}

function handleTrack(event) {
  hurry(event.receiver);
  if (video.srcObject)
    video.srcObject.addTrack(event.track);
  else
    video.srcObject = new MediaStream([event.track]);
  video.play().catch(() => {                                  // browsers let nothing sound before the first click
    video.muted = true;
    video.play();
    const unmute = () => { video.muted = false; };
    window.addEventListener("pointerdown", unmute, { once: true });
    window.addEventListener("keydown", unmute, { once: true });
  });
}

// A network that changed may come back by itself; one that failed is given up, the game goes on and waits.
function handleState(connection) {
  if (connection !== state.connection)
    return;
  if (connection.connectionState === "failed")
    reconnect("The connection was lost.");
  else if (connection.connectionState === "disconnected")
    setTimeout(() => connection.connectionState === "disconnected" && reconnect("The connection was lost."), 3000);
}

function reconnect(why) {
  if (state.left)
    return;
  close();
  if (!state.resume || ++state.tries > 6) {
    leave(why, "The game goes on; connect again to play.");
    return;
  }
  show(why, "Connecting again …");
  setTimeout(() => connect(state.resume), Math.min(4000, 250 << state.tries));
}

function close() {
  if (state.connection)
    state.connection.close();
  state.connection = null;
  state.channels = {};
  video.srcObject = null;
}

function leave(title, detail) {
  state.left = true;
  send("control", messages.bye());
  if (state.session)
    fetch(state.session, { method: "DELETE", keepalive: true }).catch(() => {});
  setTimeout(close, 100);                                     // the goodbye goes first
  show(title, detail, state.resume ? "again" : "ask");
}

async function exchange(offer, token) {
  const answer = await fetch("/whep", { method: "POST", body: offer,
    headers: { "Content-Type": "application/sdp", "Authorization": "Bearer " + token } });
  const text = await answer.text();
  if (!answer.ok)
    throw Object.assign(new Error(text), { status: answer.status });
  state.session = answer.headers.get("Location");
  state.resume = answer.headers.get("DC-Resume") || state.resume;
  sessionStorage.setItem("droidcloud-resume", state.resume);
  return text;
}

async function connect(token) {
  const connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  close();
  state.connection = connection;
  state.left = false;
  state.welcomed = false;
  state.unanswered = 0;
  hurry(connection.addTransceiver("video", { direction: "recvonly" }).receiver);
  hurry(connection.addTransceiver("audio", { direction: "recvonly" }).receiver);
  openChannels(connection);
  connection.ontrack = handleTrack;
  connection.onconnectionstatechange = () => handleState(connection);
  try {
    await connection.setLocalDescription(await connection.createOffer());
    const answer = await exchange(connection.localDescription.sdp, token);
    await connection.setRemoteDescription({ type: "answer", sdp: answer });
  } catch (error) {
    if (connection !== state.connection)
      return;
    close();
    if (error.status === 401) {
      state.resume = "";
      sessionStorage.removeItem("droidcloud-resume");
      show("You are not admitted: " + error.message + ".", "Take the newest address that the instance has printed, or " +
           "enter its token.", "ask");
    } else if (error.status === undefined || error.status >= 500 || error.status === 429) {
      reconnect(error.status ? error.message : "The instance does not answer.");
    } else {
      show("The instance refuses.", error.message, "again");
    }
  }
}

function begin() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  const resume = sessionStorage.getItem("droidcloud-resume");
  history.replaceState(null, "", location.pathname);          // a token that was used is of no use in a history
  if (token || resume)
    connect(token || resume);
  else
    show("Which token?", "It is in the address that the instance has printed.", "ask");
}

async function watchStatistics() {
  let last = null;
  for (;;) {
    await new Promise(resolve => setTimeout(resolve, 1000));
    if (state.welcomed && state.connection && ++state.unanswered > 4) {   // sooner than the browser gives it up
      reconnect("The connection was lost.");
      continue;
    }
    send("control", messages.ping(Date.now()));
    if (element("stats").hidden || !state.connection)
      continue;
    let picture = {}, sound = {};
    (await state.connection.getStats()).forEach(report => {
      if (report.type === "inbound-rtp" && report.kind === "video")
        picture = report;
      else if (report.type === "inbound-rtp")
        sound = report;
    });
    const since = name => last ? (picture[name] || 0) - (last[name] || 0) : 0;
    const seconds = last ? (picture.timestamp - last.timestamp) / 1000 : 1;
    const frames = since("framesDecoded") || 1;
    element("stats").textContent = [
      `${state.instance}  ${picture.frameWidth || 0}x${picture.frameHeight || 0}  ${picture.framesPerSecond || 0} fps`,
      `bitrate    ${(since("bytesReceived") * 8 / seconds / 1000).toFixed(0)} kb/s`,
      `round trip ${(state.roundTripUs / 1000).toFixed(1)} ms`,
      `decode     ${(since("totalDecodeTime") / frames * 1000).toFixed(1)} ms`,
      `buffer     ${(since("jitterBufferDelay") / (since("jitterBufferEmittedCount") || 1) * 1000).toFixed(1)} ms`,
      `lost       ${picture.packetsLost || 0} packets, ${picture.retransmittedPacketsReceived || 0} sent again`,
      `dropped    ${picture.framesDropped || 0} frames, frozen ${picture.freezeCount || 0} times`,
      `sound      ${sound.packetsReceived || 0} packets, ${sound.packetsLost || 0} lost`,
    ].join("\n");
    last = picture;
  }
}

element("ask").addEventListener("submit", event => {
  event.preventDefault();
  show("Connecting …");
  connect(element("token").value.trim());
});
element("again").addEventListener("click", () => {
  show("Connecting …");
  state.tries = 0;
  connect(state.resume);
});
window.addEventListener("pagehide", () => send("control", messages.bye()));
begin();
watchStatistics();
