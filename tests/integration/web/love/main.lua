-- Four quadrants of known colours that a key press, a click, a notch of the wheel or a finger exchanges, something that moves, and a tone.
local colours = { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 }, { 1, 1, 0 } }
local pressed, frame = 0, 0

function love.load()
    local rate, seconds = 48000, 1
    local data = love.sound.newSoundData(rate * seconds, rate, 16, 1)
    for i = 0, rate * seconds - 1 do
        data:setSample(i, 0.5 * math.sin(2 * math.pi * 440 * i / rate))
    end
    local source = love.audio.newSource(data)
    source:setLooping(true)
    source:play()
end

function love.keypressed(key)
    if key == "space" then
        pressed = pressed + 1
    end
end

function love.mousepressed(x, y, button)
    if button == 1 and math.abs(x - 500) < 2 and math.abs(y - 300) < 2 then -- where the test clicks
        pressed = pressed + 1
    end
end

function love.wheelmoved(x, y)
    pressed = pressed + (y == -1 and 1 or 0) -- one notch towards the user
end

function love.touchpressed(id, x, y)
    if math.abs(x - 100) < 2 and math.abs(y - 60) < 2 then
        pressed = pressed + 1
    end
end

function love.draw()
    frame = frame + 1
    for i = 0, 3 do
        love.graphics.setColor(colours[(i + pressed) % 4 + 1])
        love.graphics.rectangle("fill", i % 2 * 320, math.floor(i / 2) * 180, 320, 180)
    end
    love.graphics.setColor(1, 1, 1)
    love.graphics.rectangle("fill", frame * 4 % 640, 170, 20, 20)
end
