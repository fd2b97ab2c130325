function love.conf(t)
    t.window.width, t.window.height, t.window.title = 640, 360, "web"
    t.modules.joystick, t.modules.physics, t.modules.video = false, false, false
end
