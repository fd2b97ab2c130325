import QtQuick 2.15
import QtQuick.Window 2.15
Window {
    visible: true; width: 900; height: 600; color: "#203040"
    Rectangle {
        width: 260; height: 260; anchors.centerIn: parent; radius: 30
        gradient: Gradient { GradientStop { position: 0; color: "orange" } GradientStop { position: 1; color: "crimson" } }
        RotationAnimation on rotation { from: 0; to: 360; duration: 4000; loops: Animation.Infinite }
        Text { anchors.centerIn: parent; text: "Qt Quick"; color: "white"; font.pixelSize: 42 }
    }
}
