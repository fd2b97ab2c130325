function love.conf(t)
    t.identity = "droidcloud-recover"
    t.window.width, t.window.height, t.window.vsync = 640, 360, 0
    t.modules.audio, t.modules.sound, t.modules.joystick = false, false, false
end
